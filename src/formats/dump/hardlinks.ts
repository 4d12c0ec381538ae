import { FormatError } from '../../errors/index.ts';
import { type ByteString, toText } from '../bytes/index.ts';
import { components, type Directory, type Leaf, type Node, type Tree, walk } from '../tree/index.ts';

/** One name in a tree. */
export interface Place {
  readonly directory: Directory;
  readonly name: ByteString;
}

/** A hardlink line, whose target may come later in the dump. */
export interface Hardlink extends Place {
  readonly target: ByteString;
  readonly line: number;
}

/** What stands in the tree for a hardlink until all lines are read. */
export function placeholder(): Leaf {
  return {
    kind: 'fifo',
    mode: 0,
    uid: 0,
    gid: 0,
    mtime: 0,
    mtimeNsec: 0,
    xattrs: undefined,
    rdev: 0,
    nlink: 1,
  };
}

/** Puts the target's leaf in place of each placeholder. Returns the real name of each leaf that was linked to. */
export function resolveHardlinks(root: Tree, hardlinks: ReadonlyMap<Node, Hardlink>): Map<Leaf, Place> {
  const realNames = new Map<Leaf, Place>();
  const resolved = new Map<Node, Leaf>();
  for (const start of hardlinks.keys()) {
    const chain: Node[] = [];
    let node: Node = start;
    let leaf = resolved.get(node);
    for (
      let link = hardlinks.get(node);
      leaf === undefined && link !== undefined;
      link = hardlinks.get(node)
    ) {
      if (chain.length > hardlinks.size) refuse(hardlinks.get(start)!, 'goes in a circle');
      chain.push(node);
      const place = find(root, link);
      node = place.directory.entries.get(place.name)!;
      leaf = resolved.get(node);
      if (leaf === undefined && !hardlinks.has(node)) {
        if (node.kind === 'directory') refuse(link, 'is a directory');
        leaf = node;
        realNames.set(leaf, place);
      }
    }
    for (const member of chain) resolved.set(member, leaf!);
  }
  // Only now, since lookups above must still meet the placeholders.
  for (const [node, link] of hardlinks) link.directory.entries.set(link.name, resolved.get(node)!);
  return realNames;
}

/** Drops those real names that are the first of their leaf depth first, where a writer looks anyway. */
export function keepUnusualNames(root: Tree, realNames: Map<Leaf, Place>): void {
  if (realNames.size === 0) return;
  const seen = new Set<Node>();
  for (const { node, directory, name } of walk(root)) {
    if (node.kind === 'directory' || seen.has(node)) continue;
    const place = realNames.get(node);
    if (place === undefined) continue;
    seen.add(node);
    if (place.directory === directory && place.name === name) realNames.delete(node);
  }
}

function find(root: Tree, link: Hardlink): Place {
  const names = components(link.target);
  const last = names.pop();
  if (last === undefined) refuse(link, 'is a directory');
  let directory = root;
  for (const name of names) {
    const child = directory.entries.get(name);
    if (child?.kind !== 'directory') refuse(link, 'does not exist');
    directory = child;
  }
  if (!directory.entries.has(last)) refuse(link, 'does not exist');
  return { directory, name: last };
}

function refuse(link: Hardlink, reason: string): never {
  throw new FormatError('composefs dump', `the hardlink target ${toText(link.target)} ${reason}`, {
    line: link.line,
  });
}
