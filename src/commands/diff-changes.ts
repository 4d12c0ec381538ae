import { type ByteString, toText } from '../formats/bytes/index.ts';
import type { Aspect, Difference, LinkGroups, Node } from '../formats/tree/index.ts';

type Changed = Extract<Difference, { change: 'changed' }>;

/** What differs at a path that both images have, for people: `mode 0755 -> 4755, +security.capability`. */
export function changeText(one: Changed): string {
  return one.aspects.map(aspect => aspectText(aspect, one.before, one.after)).join(', ');
}

function aspectText(aspect: Aspect, before: Node, after: Node): string {
  switch (aspect) {
    case 'type':
      return `type ${before.kind} -> ${after.kind}`;
    case 'mode':
      return `mode ${modeText(before)} -> ${modeText(after)}`;
    case 'owner':
      return `owner ${before.uid}:${before.gid} -> ${after.uid}:${after.gid}`;
    case 'target':
      return `target ${targetText(before)} -> ${targetText(after)}`;
    case 'xattrs':
      return xattrsText(before, after);
    case 'mtime':
      return `mtime ${timeText(before)} -> ${timeText(after)}`;
    case 'links':
      return 'hard links';
    default:
      return aspect;
  }
}

function modeText({ mode }: Node): string {
  return mode.toString(8).padStart(4, '0');
}

function targetText(node: Node): string {
  return node.kind === 'symlink' ? toText(node.target) : '';
}

/** By name: what came (+), what went (-), and what has another value. */
function xattrsText(before: Node, after: Node): string {
  const names = new Set([...(before.xattrs?.keys() ?? []), ...(after.xattrs?.keys() ?? [])]);
  return [...names]
    .sort()
    .flatMap(name => {
      const [old, now] = [before.xattrs?.get(name), after.xattrs?.get(name)];
      if (old === now) return [];
      return `${old === undefined ? '+' : now === undefined ? '-' : ''}${toText(name)}`;
    })
    .join(', ');
}

function timeText({ mtime, mtimeNsec }: Node): string {
  const fraction = mtimeNsec === 0 ? '' : `.${String(mtimeNsec).padStart(9, '0')}`;
  return `@${mtime}${fraction}`;
}

/** The JSON of one difference; `links` are those of the trees that were compared. */
export function differenceJson(
  one: Difference,
  links: { readonly before: LinkGroups; readonly after: LinkGroups },
): Record<string, unknown> {
  return {
    path: toText(one.path) || '/',
    change: one.change,
    aspects: one.change === 'changed' ? one.aspects : [],
    before: one.change === 'added' ? null : nodeJson(one, one.before, links.before),
    after: one.change === 'removed' ? null : nodeJson(one, one.after, links.after),
  };
}

function nodeJson({ path }: Difference, node: Node, groups: LinkGroups): Record<string, unknown> {
  const { kind, uid, gid, mtime, mtimeNsec } = node;
  const xattrs = [...(node.xattrs ?? [])].map(([name, value]) => [toText(name), toText(value)]);
  const names: readonly ByteString[] = kind === 'directory' ? [] : (groups.get(node) ?? []);
  return {
    type: kind,
    mode: modeText(node),
    uid,
    gid,
    // JSON has no integers beyond 2^53.
    mtime: typeof mtime === 'bigint' ? String(mtime) : mtime,
    mtimeNsec,
    xattrs: Object.fromEntries(xattrs),
    links: names.filter(name => name !== path).map(toText),
    ...(kind === 'file' ? { size: node.size } : {}),
    ...(kind === 'file' && node.content.kind === 'object' ? { digest: node.content.digest } : {}),
    ...(kind === 'symlink' ? { target: toText(node.target) } : {}),
    ...('rdev' in node ? { device: node.rdev } : {}),
  };
}
