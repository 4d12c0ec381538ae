import { AptLayerError } from '../../../errors/index.ts';
import type { Directory, Tree } from '../../../formats/tree/index.ts';
import { relocateBoot } from './boot.ts';
import { targetOf } from './links.ts';
import { at, emptyDirectory, isRelocated, linkFor, moveOut, withPath } from './move.ts';
import { relocateOpt } from './opt.ts';
import { type IsShipped, relocateOwned } from './owned.ts';
import { EMPTY_DIRECTORIES, IMAGE_STATE, MACHINE_DIRECTORIES, MEDIA, REAL_DIRECTORIES } from './table.ts';

/**
 * A plain Debian root in the layout of an image: what describes the image below /usr, what is the machine's behind links into
 * /var, an empty /boot. All links are relative, so that the image also works as a container's root. Nothing is read or copied;
 * a tree that has the layout stays as it is. The given tree is not changed.
 *
 * `isShipped` says which paths packages ship, where only those are the image's.
 *
 * A top directory that is a link already stays one. FAILED when something is where the layout needs a directory.
 */
export function relocate(tree: Tree, isShipped: IsShipped = () => false): Tree {
  let result = withRealDirectories(tree);
  result = relocateBoot(result);
  result = relocateOpt(result);
  for (const relocation of IMAGE_STATE) {
    const node = at(result, relocation.from);
    if (node?.kind === 'directory' || node?.kind === 'file') result = moveOut(result, relocation, node);
  }
  for (const relocation of MACHINE_DIRECTORIES) {
    const node = at(result, relocation.from) ?? emptyDirectory(result, relocation.mode);
    if (node.kind === 'directory') result = moveOut(result, relocation, node);
  }
  return withEmptyDirectories(relocateMedia(relocateOwned(result, isShipped)));
}

function withRealDirectories(tree: Tree): Tree {
  let result = tree;
  for (const path of REAL_DIRECTORIES) {
    const node = at(result, path);
    if (node === undefined) result = withPath(result, path, emptyDirectory(tree));
    else if (node.kind !== 'directory') throw notDirectory(path);
  }
  // An image may lack it; the /etc of a deployment is mounted there.
  const etc = at(tree, '/etc');
  if (etc !== undefined && etc.kind !== 'directory') throw notDirectory('/etc');
  return result;
}

function notDirectory(path: string): AptLayerError {
  return new AptLayerError('FAILED', `${path} is not a directory: the layout of an image needs one`, {
    hint: 'use a base image with an ordinary root directory',
  });
}

/** Mount points that somebody made on purpose keep /media a directory. */
function relocateMedia(tree: Tree): Tree {
  const node = at(tree, MEDIA.from) ?? emptyDirectory(tree);
  const isEmpty = node.kind === 'directory' && node.entries.size === 0;
  return isEmpty && !isRelocated(tree, MEDIA)
    ? withPath(tree, MEDIA.from, linkFor(node, targetOf(MEDIA)))
    : tree;
}

function withEmptyDirectories(tree: Tree): Tree {
  let result = tree;
  for (const { path, mode } of EMPTY_DIRECTORIES) {
    const node = at(result, path);
    if (node?.kind === 'directory' && node.entries.size === 0 && (path !== '/tmp' || node.mode === mode))
      continue;
    const emptied: Directory =
      node?.kind === 'directory'
        ? { ...node, mode: path === '/tmp' ? mode : node.mode, entries: new Map() }
        : emptyDirectory(tree, mode);
    result = withPath(result, path, emptied);
  }
  return result;
}
