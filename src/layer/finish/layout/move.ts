import { AptLayerError } from '../../../errors/index.ts';
import { type ByteString, toText } from '../../../formats/bytes/index.ts';
import {
  cloneDirectory,
  components,
  type Directory,
  lookup,
  type Metadata,
  type Node,
  type Symlink,
  type Tree,
  withNode,
} from '../../../formats/tree/index.ts';
import { targetOf, withLinksMoved } from './links.ts';
import type { Relocation } from './table.ts';

/** The node at a path of the layout, which is made of constants in ASCII and of names as they are in the tree. */
export function at(tree: Tree, path: string): Node | undefined {
  return lookup(tree, path as ByteString);
}

/** The tree with such a path changed; parents that are missing are made, as old as the tree's root. */
export function withPath(tree: Tree, path: string, node: Node | undefined): Tree {
  return withNode(tree, path as ByteString, node, plainMetadata(tree, 0o755));
}

/** Metadata of what a layout adds: root's, and as old as the tree's root, so that it depends on the tree alone. */
function plainMetadata(tree: Tree, mode: number): Metadata {
  return { mode, uid: 0, gid: 0, mtime: tree.mtime, mtimeNsec: tree.mtimeNsec, xattrs: undefined };
}

export function emptyDirectory(tree: Tree, mode = 0o755): Directory {
  return { ...plainMetadata(tree, mode), kind: 'directory', entries: new Map() };
}

/** A link with the times and owner of what it stands for. */
export function linkFor(node: Metadata, target: string): Symlink {
  const { uid, gid, mtime, mtimeNsec } = node;
  return {
    kind: 'symlink',
    mode: 0o777,
    uid,
    gid,
    mtime,
    mtimeNsec,
    xattrs: undefined,
    target: target as ByteString,
    nlink: 1,
  };
}

/** Whether a tree has the link that a relocation leaves. */
export function isRelocated(tree: Tree, relocation: Relocation): boolean {
  const node = at(tree, relocation.from);
  return node?.kind === 'symlink' && node.target === targetOf(relocation);
}

/** The tree with `node` moved from `from` to `to`, and a link to it. A directory that is there already takes it in. */
export function moveOut(tree: Tree, relocation: Relocation, node: Node): Tree {
  const { from, to } = relocation;
  const moved = combined(at(tree, to), withLinksMoved(node, relocation), to);
  return withPath(withPath(tree, to, moved), from, linkFor(node, targetOf(relocation)));
}

/** What a move leaves at a place: a directory that is there takes a directory in, and keeps no name that it brings. */
export function combined(existing: Node | undefined, node: Node, path: string): Node {
  if (existing === undefined) return node;
  if (existing.kind !== 'directory' && node.kind !== 'directory') return node;
  if (existing.kind !== 'directory' || node.kind !== 'directory')
    throw new AptLayerError(
      'FAILED',
      `${toText(path as ByteString)} is in the way: the layout of an image needs this place`,
      {
        hint: 'remove it from the base image',
      },
    );
  return mergedDirectories(existing, node);
}

/** Both directories in one, with the metadata of the upper; where both have a name, the upper's counts. */
function mergedDirectories(lower: Directory, upper: Directory): Directory {
  const result: Directory = { ...upper, entries: new Map(lower.entries) };
  const pending = [{ into: result, from: upper }];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    for (const [name, node] of pair.from.entries) {
      const below = pair.into.entries.get(name);
      if (node.kind !== 'directory' || below?.kind !== 'directory') {
        pair.into.entries.set(name, node);
        continue;
      }
      const into: Directory = { ...node, entries: new Map(below.entries) };
      pair.into.entries.set(name, into);
      pending.push({ into, from: node });
    }
  }
  return result;
}

/** The tree without a directory that holds nothing, nor its parents up to `top` where that empties them. */
export function withoutEmpty(tree: Tree, path: string, top: string): Tree {
  let result = tree;
  for (let names = components(path as ByteString); ; names = names.slice(0, -1)) {
    const here = `/${names.join('/')}`;
    const node = at(result, here);
    if (here.length < top.length || node?.kind !== 'directory' || node.entries.size > 0) return result;
    result = withPath(result, here, undefined);
  }
}

/** The directory at a path as a copy to be changed. */
export function copyAt(tree: Tree, path: string): Directory | undefined {
  const node = at(tree, path);
  return node?.kind === 'directory' ? cloneDirectory(node) : undefined;
}
