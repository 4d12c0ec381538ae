import { type ByteString, compareBytes, joinPath } from '../bytes/index.ts';
import type { LinkGroups } from './links.ts';
import type { Directory, Node, RegularFile, Xattrs } from './model.ts';

/**
 * What differs between two nodes of one path. `target` is a symlink's, `device` a special file's number, `links` which other
 * names the inode has.
 */
export type Aspect =
  | 'type'
  | 'content'
  | 'target'
  | 'device'
  | 'mode'
  | 'owner'
  | 'xattrs'
  | 'links'
  | 'mtime';

/** One path that differs. When a directory comes or goes, so does each path below it. */
export type Difference =
  | { readonly change: 'added'; readonly path: ByteString; readonly after: Node }
  | { readonly change: 'removed'; readonly path: ByteString; readonly before: Node }
  | {
      readonly change: 'changed';
      readonly path: ByteString;
      readonly before: Node;
      readonly after: Node;
      readonly aspects: readonly Aspect[];
    };

export interface DiffOptions {
  /** Whether a modification time alone is a difference; default not. */
  readonly times?: boolean;
  /** `linkGroups` of the trees that both are in, if it matters which names share an inode. */
  readonly links?: { readonly before: LinkGroups; readonly after: LinkGroups };
  /** Where both nodes are, for the paths that are reported; default the root (empty). */
  readonly path?: ByteString;
}

interface Frame {
  readonly path: ByteString;
  readonly before: Directory | undefined;
  readonly after: Directory | undefined;
  readonly names: readonly ByteString[];
  next: number;
}

/**
 * The differences between two nodes, usually two trees, depth first in byte order; undefined stands for a node that
 * is not there. A node that is the same object in both is not looked at. Depth costs heap, not stack.
 */
export function* diffNodes(
  before: Node | undefined,
  after: Node | undefined,
  options: DiffOptions = {},
): Generator<Difference, void, undefined> {
  const path = options.path ?? ('' as ByteString);
  yield* differenceAt(path, before, after, options);
  const stack: Frame[] = below(path, before, after);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const name = frame.names[frame.next++];
    if (name === undefined) {
      stack.pop();
      continue;
    }
    const child = joinPath(frame.path, name);
    const childBefore = frame.before?.entries.get(name);
    const childAfter = frame.after?.entries.get(name);
    yield* differenceAt(child, childBefore, childAfter, options);
    stack.push(...below(child, childBefore, childAfter));
  }
}

/** The frame to visit next, if either node is a directory and they are not the same object. */
function below(path: ByteString, before: Node | undefined, after: Node | undefined): Frame[] {
  if (before === after) return [];
  const old = before?.kind === 'directory' ? before : undefined;
  const now = after?.kind === 'directory' ? after : undefined;
  const names = new Set([...(old?.entries.keys() ?? []), ...(now?.entries.keys() ?? [])]);
  if (names.size === 0) return [];
  return [{ path, before: old, after: now, names: [...names].sort(compareBytes), next: 0 }];
}

function* differenceAt(
  path: ByteString,
  before: Node | undefined,
  after: Node | undefined,
  options: DiffOptions,
): Generator<Difference, void, undefined> {
  if (before === after) return;
  if (before === undefined) {
    if (after !== undefined) yield { change: 'added', path, after };
    return;
  }
  if (after === undefined) {
    yield { change: 'removed', path, before };
    return;
  }
  const aspects = aspectsOf(before, after);
  if (hasOtherLinks(path, before, after, options)) aspects.push('links');
  if (options.times && !sameTime(before, after)) aspects.push('mtime');
  if (aspects.length > 0) yield { change: 'changed', path, before, after, aspects };
}

/** What differs between two nodes themselves: neither times, nor other names, nor what directories hold. */
export function aspectsOf(before: Node, after: Node): Aspect[] {
  const aspects: Aspect[] = dataAspects(before, after);
  if (before.mode !== after.mode) aspects.push('mode');
  if (before.uid !== after.uid || before.gid !== after.gid) aspects.push('owner');
  if (!sameXattrs(before.xattrs, after.xattrs)) aspects.push('xattrs');
  return aspects;
}

function hasOtherLinks(path: ByteString, before: Node, after: Node, { links }: DiffOptions): boolean {
  if (links === undefined || before.kind === 'directory' || after.kind === 'directory') return false;
  const old = links.before.get(before) ?? [path];
  const now = links.after.get(after) ?? [path];
  return old.length !== now.length || old.some((name, index) => name !== now[index]);
}

function dataAspects(before: Node, after: Node): Aspect[] {
  if (before.kind !== after.kind) return ['type'];
  if (before.kind === 'directory') return [];
  if (before.kind === 'file') return sameContent(before, after as RegularFile) ? [] : ['content'];
  if (before.kind === 'symlink')
    return after.kind === 'symlink' && before.target === after.target ? [] : ['target'];
  return 'rdev' in after && before.rdev === after.rdev ? [] : ['device'];
}

/** Contents kept in different ways (inline here, an object there) count as different: no reader of ours makes both. */
function sameContent(before: RegularFile, after: RegularFile): boolean {
  if (before.size !== after.size) return false;
  const a = before.content;
  const b = after.content;
  if (a.kind === 'inline') return b.kind === 'inline' && a.bytes.equals(b.bytes);
  if (a.kind === 'object') return b.kind === 'object' && a.digest === b.digest;
  return b.kind === 'path' && a.path === b.path && a.digest === b.digest;
}

function sameXattrs(before: Xattrs | undefined, after: Xattrs | undefined): boolean {
  if (before === after) return true;
  if ((before?.size ?? 0) !== (after?.size ?? 0)) return false;
  for (const [name, value] of before ?? []) if (after?.get(name) !== value) return false;
  return true;
}

function sameTime(before: Node, after: Node): boolean {
  return BigInt(before.mtime) === BigInt(after.mtime) && before.mtimeNsec === after.mtimeNsec;
}
