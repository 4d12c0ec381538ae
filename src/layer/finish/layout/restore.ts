import type { Node, Tree } from '../../../formats/tree/index.ts';
import { restoreBoot } from './boot.ts';
import { withLinksMoved } from './links.ts';
import { at, emptyDirectory, isRelocated, withoutEmpty, withPath } from './move.ts';
import { restoreOpt } from './opt.ts';
import { restoreOwned } from './owned.ts';
import { IMAGE_STATE, MACHINE_DIRECTORIES, MEDIA, type Relocation } from './table.ts';

const SYSROOT = '/sysroot';
const SYSIMAGE = '/usr/lib/sysimage';

/**
 * The plain Debian root that an image's layout was made of: apt, dpkg and maintainer scripts find all at the places they
 * know, as directories and files that they may replace. A tree without the layout stays as it is.
 *
 * What `relocate` does not keep, and `restore` cannot bring back:
 * - what was in /run, /tmp, /dev, /proc and /sys, links to kernels in the root, and the mode of an empty /media;
 * - that the root lacked directories of the layout: they are there, but for /sysroot;
 * - that it had something at a place of the layout: both are in one, and a link that is as the layout's is taken for one.
 */
export function restore(tree: Tree): Tree {
  let result = restoreOwned(tree);
  for (const relocation of MACHINE_DIRECTORIES) result = restoreMachineDirectory(result, relocation);
  for (const relocation of IMAGE_STATE) result = restoreState(result, relocation);
  result = restoreMedia(restoreBoot(restoreOpt(result)));
  return withoutEmpty(withoutEmpty(result, SYSIMAGE, SYSIMAGE), SYSROOT, SYSROOT);
}

/** Also where /var was emptied, as some ways to ship images do: the links are gone, what describes the image is not. */
function restoreState(tree: Tree, relocation: Relocation): Tree {
  const { from, to } = relocation;
  const node = at(tree, to);
  if (node === undefined) return tree;
  if (at(tree, from) !== undefined && !isRelocated(tree, relocation)) return tree;
  const moved = moveBack(tree, relocation, node);
  return withoutEmpty(moved, to.slice(0, to.lastIndexOf('/')), SYSIMAGE);
}

function restoreMachineDirectory(tree: Tree, relocation: (typeof MACHINE_DIRECTORIES)[number]): Tree {
  const node = at(tree, relocation.to) ?? emptyDirectory(tree, relocation.mode);
  return isRelocated(tree, relocation) && node.kind === 'directory' ? moveBack(tree, relocation, node) : tree;
}

function moveBack(tree: Tree, { from, to }: Relocation, node: Node): Tree {
  return withPath(withPath(tree, to, undefined), from, withLinksMoved(node, { from: to, to: from }));
}

function restoreMedia(tree: Tree): Tree {
  const link = at(tree, MEDIA.from);
  if (link === undefined || !isRelocated(tree, MEDIA)) return tree;
  const { uid, gid, mtime, mtimeNsec } = link;
  const metadata = { mode: 0o755, uid, gid, mtime, mtimeNsec, xattrs: undefined };
  return withPath(tree, MEDIA.from, { ...metadata, kind: 'directory', entries: new Map() });
}
