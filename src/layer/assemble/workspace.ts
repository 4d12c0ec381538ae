import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromText, joinPath, toText } from '../../formats/bytes/index.ts';
import {
  cloneDirectory,
  components,
  type Directory,
  type Metadata,
  type Node,
  type Tree,
} from '../../formats/tree/index.ts';

/**
 * A tree that is being changed. Directories of the tree it began with are shared, and copied when something in them
 * changes for the first time: once, however many changes follow.
 */
export interface Workspace {
  readonly root: Directory;
  /** Directories that belong to this workspace alone. */
  readonly owned: Set<Directory>;
}

/** As many as the kernel follows in one path (MAXSYMLINKS). */
const SYMLINKS_MAX = 40;

export function openWorkspace(tree: Tree): Workspace {
  const root = cloneDirectory(tree);
  return { root, owned: new Set([root]) };
}

/** A directory for writing, found by its real path: components without symlinks. */
export function ownDirectory(workspace: Workspace, names: readonly ByteString[]): Directory {
  let directory = workspace.root;
  for (const name of names) {
    const child = directory.entries.get(name);
    if (child?.kind !== 'directory') throw new Error(`${toText(name)} is not a directory`);
    directory = ownChild(workspace, directory, name, child);
  }
  return directory;
}

/** The same for one step from a directory that is owned. */
export function ownChild(
  workspace: Workspace,
  parent: Directory,
  name: ByteString,
  child: Directory,
): Directory {
  if (workspace.owned.has(child)) return child;
  const copy = cloneDirectory(child);
  parent.entries.set(name, copy);
  workspace.owned.add(copy);
  return copy;
}

/**
 * The directory for writing at a path of which each symlink, also the last, is followed inside the tree; missing
 * directories are made with the metadata `made`. DPKG_FAILED when something else is in the way.
 */
export function makeDirectories(workspace: Workspace, path: ByteString, made: Metadata): Directory {
  const missing: ByteString[] = [];
  let names = components(path);
  let found = resolveDirectory(workspace.root, names);
  while (found === undefined) {
    const last = names.at(-1);
    if (last === undefined) throw new Error('the root is no directory');
    missing.unshift(last);
    names = names.slice(0, -1);
    found = resolveDirectory(workspace.root, names);
  }
  let directory = ownDirectory(workspace, found);
  for (const name of missing) {
    if (directory.entries.has(name))
      throw new AptLayerError('DPKG_FAILED', `${toText(path)}: ${toText(name)} is not a directory`);
    const child: Directory = { ...made, kind: 'directory', entries: new Map() };
    directory.entries.set(name, child);
    workspace.owned.add(child);
    directory = child;
  }
  return directory;
}

/**
 * The real path of the directory that `names` lead to, symlinks followed as in a chroot, or undefined when there is
 * none. `from` is a real path at which relative names start.
 */
export function resolveDirectory(
  root: Directory,
  names: readonly ByteString[],
  from: readonly ByteString[] = [],
): ByteString[] | undefined {
  const rest = [...names].reverse();
  const resolved = [...from];
  const stack = directoriesOf(root, from);
  if (stack === undefined) return undefined;
  let followed = 0;
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    if (name === '.') continue;
    if (name === '..') {
      if (resolved.pop() !== undefined) stack.pop();
      continue;
    }
    const node: Node | undefined = (stack.at(-1) as Directory).entries.get(name);
    if (node?.kind === 'directory') {
      resolved.push(name);
      stack.push(node);
    } else if (node?.kind === 'symlink' && ++followed <= SYMLINKS_MAX) {
      if (node.target.startsWith('/')) {
        resolved.length = 0;
        stack.length = 1;
      }
      rest.push(...components(node.target).reverse());
    } else return undefined;
  }
  return resolved;
}

/** The real path that a path has once symlinks in its parents are followed, or undefined when its parent is no directory. */
export function resolvePlace(
  root: Directory,
  path: ByteString,
): { readonly parent: ByteString[]; readonly name: ByteString } | undefined {
  const names = components(path);
  const name = names.pop();
  const parent = name === undefined ? undefined : resolveDirectory(root, names);
  return parent === undefined || name === undefined ? undefined : { parent, name };
}

/** The same with symlinks followed to the end; the last name need not exist. */
export function resolveFile(
  root: Directory,
  path: ByteString,
): { readonly parent: ByteString[]; readonly name: ByteString } | undefined {
  let place = resolvePlace(root, path);
  for (let followed = 0; place !== undefined && followed <= SYMLINKS_MAX; followed += 1) {
    const node: Node | undefined = directoriesOf(root, place.parent)?.at(-1)?.entries.get(place.name);
    if (node?.kind !== 'symlink') return place;
    const from: ByteString = node.target.startsWith('/') ? fromText('') : pathOf(place.parent);
    place = resolvePlace(root, joinPath(from, node.target));
  }
  return undefined;
}

/** A real path as text of a path. */
export function pathOf(names: readonly ByteString[], name?: ByteString): ByteString {
  const directory = names.reduce<ByteString>((path, part) => joinPath(path, part), fromText(''));
  return name === undefined ? directory : joinPath(directory, name);
}

function directoriesOf(root: Directory, names: readonly ByteString[]): Directory[] | undefined {
  const stack = [root];
  for (const name of names) {
    const child = (stack.at(-1) as Directory).entries.get(name);
    if (child?.kind !== 'directory') return undefined;
    stack.push(child);
  }
  return stack;
}
