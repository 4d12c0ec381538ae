import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, toText } from '../bytes/index.ts';
import { components } from './lookup.ts';
import type { Directory, Metadata, Node, Tree } from './model.ts';

/** As many as the kernel follows in one path (MAXSYMLINKS). */
const SYMLINKS_MAX = 40;

/**
 * The path that `path` names once symlinks in its parents are followed inside the tree, as components. Its last
 * component is not followed. `..` and absolute targets stay inside the tree, as in a chroot.
 */
export function resolveParents(tree: Tree, path: ByteString): ByteString[] {
  const rest = named(path);
  const last = rest.pop();
  if (last === undefined) return [];
  const resolved: ByteString[] = [];
  let followed = 0;
  while (rest.length > 0) {
    const name = rest.shift() as ByteString;
    if (name === '..') {
      resolved.pop();
      continue;
    }
    const node = descend(tree, resolved)?.entries.get(name);
    if (node?.kind !== 'symlink') {
      resolved.push(name);
      continue;
    }
    followed += 1;
    if (followed > SYMLINKS_MAX)
      throw new AptLayerError('FAILED', `${toText(path)}: too many levels of symbolic links`);
    if (node.target.startsWith('/')) resolved.length = 0;
    rest.unshift(...named(node.target));
  }
  resolved.push(last);
  return resolved;
}

/**
 * A tree in which `path` is `node`, or is gone when `node` is undefined. The given tree is not changed and shares
 * what is not on the way. Missing parents become directories with the metadata `parents`; a parent that is
 * something else than a directory is an error.
 */
export function withNode(
  tree: Tree,
  path: ByteString,
  node: Node | undefined,
  parents: Metadata = NEW_DIRECTORY,
): Tree {
  const names = resolveParents(tree, path);
  if (names.length === 0) throw new AptLayerError('FAILED', 'the root of a tree cannot be replaced');
  const root = cloneDirectory(tree);
  let directory = root;
  for (const name of names.slice(0, -1)) {
    const found = directory.entries.get(name);
    if (found === undefined && node === undefined) return tree;
    if (found !== undefined && found.kind !== 'directory')
      throw new AptLayerError('FAILED', `${toText(path)}: ${toText(name)} is not a directory in the image`);
    const copy: Directory =
      found === undefined ? { ...parents, kind: 'directory', entries: new Map() } : cloneDirectory(found);
    directory.entries.set(name, copy);
    directory = copy;
  }
  const last = names[names.length - 1] as ByteString;
  if (node === undefined) directory.entries.delete(last);
  else directory.entries.set(last, node);
  return root;
}

const NEW_DIRECTORY: Metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };

/** A directory of its own with the same entries. */
export function cloneDirectory(directory: Directory): Directory {
  return { ...directory, entries: new Map(directory.entries) };
}

function descend(tree: Tree, names: readonly ByteString[]): Directory | undefined {
  let node: Node | undefined = tree;
  for (const name of names) {
    if (node?.kind !== 'directory') return undefined;
    node = node.entries.get(name);
  }
  return node?.kind === 'directory' ? node : undefined;
}

function named(path: ByteString): ByteString[] {
  return components(path).filter(name => name !== '.');
}
