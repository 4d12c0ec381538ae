import type { ByteString } from '../bytes/index.ts';
import type { Directory, Leaf, Node, Tree } from './model.ts';
import { walk } from './walk.ts';

/** The paths of each leaf that has several, in the order of `walk`. */
export type LinkGroups = ReadonlyMap<Leaf, readonly ByteString[]>;

/** Which names of a tree share an inode; `nlink` must be more than 1 where one has several. */
export function linkGroups(tree: Tree): LinkGroups {
  const groups = new Map<Leaf, ByteString[]>();
  for (const { path, node } of walk(tree)) {
    if (node.kind === 'directory' || node.nlink < 2) continue;
    const names = groups.get(node);
    if (names === undefined) groups.set(node, [path]);
    else names.push(path);
  }
  return groups;
}

/** Sets `nlink` of every leaf to the number of names it has in this tree. */
export function countLinks(tree: Tree): void {
  const names = new Map<Leaf, number>();
  const pending: Directory[] = [tree];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const child of directory.entries.values()) {
      if (child.kind === 'directory') pending.push(child);
      else names.set(child, (names.get(child) ?? 0) + 1);
    }
  }
  for (const [leaf, count] of names) leaf.nlink = count;
}

/** How many directories a directory holds; a directory's link count is this plus two. */
export function countSubdirectories(directory: Directory): number {
  let count = 0;
  for (const child of directory.entries.values()) if (child.kind === 'directory') count += 1;
  return count;
}

/** An overlayfs whiteout: a character device 0:0. */
export function isWhiteout(node: Node): boolean {
  return node.kind === 'character' && node.rdev === 0;
}
