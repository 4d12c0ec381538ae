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

/** What differs from the image, in the order of the paths. What is in a directory that came or went is listed, too. */
export function etcDrift(base: Directory | undefined, mine: Directory, digestOf: DigestOf): EtcChange[] {
  const changes: EtcChange[] = [];
  compare({ base, mine }, '', { changes, digestOf });
  return changes;
}

function compare(
  sides: { base: Directory | undefined; mine: Directory | undefined },
  path: string,
  state: { readonly changes: EtcChange[]; readonly digestOf: DigestOf },
): void {
  const names = new Set([...(sides.base?.entries.keys() ?? []), ...(sides.mine?.entries.keys() ?? [])]);
  for (const name of [...names].sort()) {
    const [before, after] = [sides.base?.entries.get(name), sides.mine?.entries.get(name)];
    const child = `${path}/${toText(name)}`;
    if (before === undefined) state.changes.push({ path: child, change: 'added', what: [] });
    else if (after === undefined) state.changes.push({ path: child, change: 'removed', what: [] });
    else {
      const what = aspects(before, after, state.digestOf);
      if (what.length > 0) state.changes.push({ path: child, change: 'changed', what });
    }
    const directory = (node: Node | undefined) => (node?.kind === 'directory' ? node : undefined);
    const below = { base: directory(before), mine: directory(after) };
    if (below.base !== undefined || below.mine !== undefined) compare(below, child, state);
  }
}

function aspects(before: Node, after: Node, digestOf: DigestOf): EtcChange['what'] {
  if (before.kind !== after.kind) return ['type'];
  return [
    ...(sameContent(before, after, digestOf) ? [] : ['content' as const]),
    ...(before.mode === after.mode ? [] : ['mode' as const]),
    ...(before.uid === after.uid && before.gid === after.gid ? [] : ['owner' as const]),
    ...(sameXattrs(before.xattrs, after.xattrs) ? [] : ['xattrs' as const]),
  ];
}
