import { type ByteString, toText } from '../../formats/bytes/index.ts';
import type { Directory, Metadata, Node, RegularFile } from '../../formats/tree/index.ts';
import { numbersMove } from './account-numbers.ts';
import { mergeAccounts } from './accounts.ts';
import { forgetSettled, putBeside } from './beside.ts';
import type { Contents } from './contents.ts';
import { accountLists, hasNumbers, isOfImage, isOfMachine } from './policy.ts';
import { type Sides, sameContent, sameMetadata } from './same.ts';
import type { EtcVerdict } from './verdict.ts';

interface State extends Contents {
  readonly verdicts: EtcVerdict[];
}

/** The merged /etc, and what became of what. Pure: all three sides stay as they are. */
export function mergeTrees(
  sides: Sides<Directory> & { readonly mine: Directory },
  contents: Contents,
): { readonly tree: Directory; readonly verdicts: readonly EtcVerdict[] } {
  const state: State = { ...contents, verdicts: [] };
  return { tree: mergeDirectory(state, '', sides), verdicts: state.verdicts };
}

function mergeDirectory(
  state: State,
  path: string,
  sides: Sides<Directory> & { readonly mine: Directory },
): Directory {
  const { base, mine, fresh } = sides;
  const names = new Set([
    ...mine.entries.keys(),
    ...(fresh?.entries.keys() ?? []),
    ...(base?.entries.keys() ?? []),
  ]);
  const entries = new Map<ByteString, Node>();
  const place = { ...sides, entries, digestOf: state.digestOf };
  const conflicts: { readonly name: ByteString; readonly index: number; readonly node: Node }[] = [];
  for (const name of [...names].sort()) {
    const node: Sides<Node> = {
      base: base?.entries.get(name),
      mine: mine.entries.get(name),
      fresh: fresh?.entries.get(name),
    };
    const child = `${path}/${toText(name)}`;
    const merged = mergeNode(state, child, node);
    if (merged.node !== undefined) entries.set(name, merged.node);
    if (merged.conflict === undefined) continue;
    conflicts.push({ name, index: state.verdicts.length, node: merged.conflict });
    state.verdicts.push({ path: child, verdict: 'conflict' });
  }
  forgetSettled(place);
  // Last, as one of an earlier image may be there.
  for (const { name, index, node } of conflicts) {
    const { name: beside, ...rest } = putBeside(place, name, node);
    const found = beside === undefined ? rest : { beside: toText(beside) };
    state.verdicts[index] = { path: `${path}/${toText(name)}`, verdict: 'conflict', ...found };
  }
  return { ...mine, ...mergedMetadata(sides), entries };
}

interface Merged {
  readonly node: Node | undefined;
  /** The image's, which is to be put beside it. */
  readonly conflict?: Node;
}

function mergeNode(state: State, path: string, sides: Sides<Node>): Merged {
  const { base, mine, fresh } = sides;
  const say = (verdict: EtcVerdict['verdict']) => state.verdicts.push({ path, verdict });
  if (isOfImage(path) && fresh !== undefined) return { node: fresh };
  if (mine === undefined) {
    if (fresh === undefined) return { node: undefined };
    // Machines make these at boot; what was deleted on purpose stays so.
    if (base === undefined || isOfMachine(path)) say('added');
    else say('kept-removed');
    return { node: base === undefined || isOfMachine(path) ? fresh : undefined };
  }
  if (isOfMachine(path)) return { node: mine };
  if (mine.kind === 'directory' && (fresh?.kind === 'directory' || base?.kind === 'directory'))
    return mergedDirectory(state, path, { ...sides, mine });
  if (base !== undefined && same(state, mine, base) && !movesNumbers(state, path, { base, fresh })) {
    if (fresh === undefined) say('removed');
    else if (!same(state, fresh, base)) say('updated');
    return { node: fresh };
  }
  if (fresh === undefined || same(state, mine, fresh)) {
    if (fresh === undefined && base !== undefined) say('kept');
    return { node: mine };
  }
  if (base !== undefined && same(state, fresh, base)) {
    say('kept');
    return { node: mine };
  }
  return mergeBoth(state, path, { base, mine, fresh });
}

/** Whether a table of accounts that the machine did not touch would give files on the machine to somebody else. */
function movesNumbers(
  state: State,
  path: string,
  { base, fresh }: { readonly base: Node; readonly fresh: Node | undefined },
): boolean {
  if (!hasNumbers(path) || base.kind !== 'file' || fresh?.kind !== 'file' || same(state, base, fresh))
    return false;
  const text = (node: RegularFile) => state.read(node).toString('latin1');
  return numbersMove(text(base), text(fresh));
}

/** Both sides changed it, each to something else. */
function mergeBoth(
  state: State,
  path: string,
  sides: { readonly base: Node | undefined; readonly mine: Node; readonly fresh: Node },
): Merged {
  const { base, mine, fresh } = sides;
  const lists = accountLists(path);
  if (lists !== undefined && mine.kind === 'file' && fresh.kind === 'file') {
    const text = (node: Node | undefined) =>
      node?.kind === 'file' ? state.read(node).toString('latin1') : '';
    const texts = { base: text(base), mine: text(mine), fresh: text(fresh) };
    const merged = mergeAccounts(texts, { lists, keepIds: hasNumbers(path) });
    if (merged !== texts.mine) state.verdicts.push({ path, verdict: 'merged' });
    const bytes = Buffer.from(merged, 'latin1');
    return {
      node: { ...mine, ...mergedMetadata(sides), size: bytes.length, content: { kind: 'inline', bytes } },
    };
  }
  if (base !== undefined && base.kind === mine.kind && fresh.kind === mine.kind) {
    const theirs = sameContent(mine, base, state.digestOf);
    const both = sameContent(mine, fresh, state.digestOf);
    const ours = sameContent(fresh, base, state.digestOf);
    const mineOnly = sameMetadata(fresh, base) || sameMetadata(mine, fresh);
    // One side changed the bytes, the other the mode or owner: both are wanted.
    if (theirs || both || (ours && !mineOnly)) {
      state.verdicts.push({ path, verdict: 'merged' });
      return { node: { ...(ours ? mine : fresh), ...mergedMetadata(sides) } as Node };
    }
  }
  return { node: mine, conflict: fresh };
}

/** A directory of the machine that at least one image has as well: gone when nothing is left of it and no image has it now. */
function mergedDirectory(
  state: State,
  path: string,
  sides: Sides<Node> & { readonly mine: Directory },
): Merged {
  const directory = (node: Node | undefined) => (node?.kind === 'directory' ? node : undefined);
  if (sides.fresh !== undefined && sides.fresh.kind !== 'directory') {
    // The image has something else there now. Nothing of the machine in it: it may go.
    const before = directory(sides.base);
    if (before !== undefined && sameTree(state, sides.mine, before)) return { node: sides.fresh };
    return { node: sides.mine, conflict: sides.fresh };
  }
  const merged = mergeDirectory(state, path, {
    base: directory(sides.base),
    mine: sides.mine,
    fresh: directory(sides.fresh),
  });
  return { node: merged.entries.size === 0 && sides.fresh === undefined ? undefined : merged };
}

/** What the machine changed is its own; everything else is the new image's. */
function mergedMetadata({ base, mine, fresh }: Sides<Node>): Partial<Metadata> {
  if (mine === undefined || fresh === undefined) return {};
  const pick = <K extends 'mode' | 'uid' | 'gid'>(key: K) =>
    base !== undefined && mine[key] === base[key] ? fresh[key] : mine[key];
  const untouched =
    base !== undefined && sameMetadata({ ...mine, mode: base.mode, uid: base.uid, gid: base.gid }, base);
  return {
    mode: pick('mode'),
    uid: pick('uid'),
    gid: pick('gid'),
    xattrs: untouched ? fresh.xattrs : mine.xattrs,
  };
}

function same(state: State, a: Node, b: Node): boolean {
  return sameContent(a, b, state.digestOf) && sameMetadata(a, b);
}

function sameTree(state: State, a: Directory, b: Directory): boolean {
  if (a.entries.size !== b.entries.size || !sameMetadata(a, b)) return false;
  return [...a.entries].every(([name, node]) => {
    const other = b.entries.get(name);
    if (other === undefined) return false;
    return node.kind === 'directory' && other.kind === 'directory'
      ? sameTree(state, node, other)
      : same(state, node, other);
  });
}
