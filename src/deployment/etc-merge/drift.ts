import { toText } from '../../formats/bytes/index.ts';
import type { Directory, Node } from '../../formats/tree/index.ts';
import { type DigestOf, sameContent, sameXattrs } from './same.ts';

/** One path of a machine's /etc that is not as its image has it. */
export interface EtcChange {
  /** Below /etc, with a leading slash. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** What of it changed. */
  readonly what: readonly ('type' | 'content' | 'mode' | 'owner' | 'xattrs')[];
}

export interface EtcDrift {
  readonly changes: readonly EtcChange[];
  /** Paths below /etc of which not all is known, as they are closed to this user; `` is /etc itself. */
  readonly closed: readonly string[];
}

export interface EtcSides {
  readonly base: Directory | undefined;
  readonly mine: Directory;
  /** Nodes of either side of which kind, mode and owner alone are known. */
  readonly closed: ReadonlySet<Node>;
}

/** What differs from the image, in the order of the paths. What is in a directory that came or went is listed, too. */
export function etcDrift({ base, mine, closed }: EtcSides, digestOf: DigestOf): EtcDrift {
  const isClosed = (...nodes: readonly (Node | undefined)[]) =>
    nodes.some(node => node !== undefined && closed.has(node));
  if (isClosed(base, mine)) return { changes: [], closed: [''] };
  const state: Comparing = { changes: [], closed: [], digestOf, isClosed };
  compare({ base, mine }, '', state);
  return { changes: state.changes, closed: state.closed };
}

interface Comparing {
  readonly changes: EtcChange[];
  readonly closed: string[];
  readonly digestOf: DigestOf;
  readonly isClosed: (...nodes: readonly (Node | undefined)[]) => boolean;
}

function compare(
  sides: { base: Directory | undefined; mine: Directory | undefined },
  path: string,
  state: Comparing,
): void {
  const names = new Set([...(sides.base?.entries.keys() ?? []), ...(sides.mine?.entries.keys() ?? [])]);
  for (const name of [...names].sort()) {
    const [before, after] = [sides.base?.entries.get(name), sides.mine?.entries.get(name)];
    const child = `${path}/${toText(name)}`;
    if (before === undefined) state.changes.push({ path: child, change: 'added', what: [] });
    else if (after === undefined) state.changes.push({ path: child, change: 'removed', what: [] });
    else {
      const what = aspects(before, after, state);
      if (what.length > 0) state.changes.push({ path: child, change: 'changed', what });
    }
    if (isUntold(before, after, state)) {
      state.closed.push(child);
      continue;
    }
    const directory = (node: Node | undefined) => (node?.kind === 'directory' ? node : undefined);
    const below = { base: directory(before), mine: directory(after) };
    if (below.base !== undefined || below.mine !== undefined) compare(below, child, state);
  }
}

/** Whether there may be more to say: a file that came or went is told by its name, a directory by all that is in it. */
function isUntold(before: Node | undefined, after: Node | undefined, { isClosed }: Comparing): boolean {
  if (before?.kind === 'directory' || after?.kind === 'directory') return isClosed(before, after);
  return before !== undefined && after?.kind === before.kind && isClosed(before, after);
}

function aspects(before: Node, after: Node, { digestOf, isClosed }: Comparing): EtcChange['what'] {
  if (before.kind !== after.kind) return ['type'];
  const isKnown = !isClosed(before, after);
  return [
    ...(!isKnown || sameContent(before, after, digestOf) ? [] : ['content' as const]),
    ...(before.mode === after.mode ? [] : ['mode' as const]),
    ...(before.uid === after.uid && before.gid === after.gid ? [] : ['owner' as const]),
    ...(!isKnown || sameXattrs(before.xattrs, after.xattrs) ? [] : ['xattrs' as const]),
  ];
}
