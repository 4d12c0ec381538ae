import { posix } from 'node:path';
import { installedIn } from '../../deployment/index.ts';
import { fromText, toText } from '../../formats/bytes/index.ts';
import { lookup, lookupDirectory, type Node, type Tree } from '../../formats/tree/index.ts';
import { readContent, type Store } from '../../store/index.ts';
import type { RunningMachine } from './running-machine.ts';

const DPKG_INFO = '/usr/lib/sysimage/dpkg/info';

/**
 * Tells which parts of an image's /etc belong to packages that the machine does not have: their files, and links to their files. Everything
 * else that the machine lacks was taken away there on purpose.
 */
export function newToMachine(
  store: Store,
  tree: Tree,
  machine: RunningMachine,
): (path: string, node: Node) => boolean {
  const present = new Set(machine.packages.map(one => one.name.replace(/:.*/, '')));
  const added = new Set(
    [...installedIn(store, tree).values()].map(one => one.name).filter(name => !present.has(name)),
  );
  const paths = new Set<string>();
  const info = lookupDirectory(tree, fromText(DPKG_INFO));
  for (const name of [...(info?.entries.keys() ?? [])].map(toText)) {
    if (!name.endsWith('.list') || !added.has(name.slice(0, -'.list'.length).replace(/:.*/, ''))) continue;
    const file = lookup(tree, fromText(`${DPKG_INFO}/${name}`));
    if (file?.kind !== 'file') continue;
    for (const line of readContent(store, file).toString('latin1').split('\n')) paths.add(merged(line));
  }
  return (path, node) => {
    if (paths.has(`/etc${path}`)) return true;
    if (node.kind !== 'symlink') return false;
    const target = posix.resolve(posix.dirname(`/etc${path}`), toText(node.target));
    return paths.has(merged(target));
  };
}

/** dpkg's lists still have /lib where /usr/lib is meant. */
function merged(path: string): string {
  return path.replace(/^\/(bin|sbin|lib|lib32|lib64|libx32)(?=\/|$)/, '/usr/$1');
}
