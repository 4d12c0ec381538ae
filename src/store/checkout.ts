import { AptLayerError, errnoOf, withContext } from '../errors/index.ts';
import { type ByteString, fromText, joinPath, toPath } from '../formats/bytes/index.ts';
import {
  type Content,
  type Directory,
  type Leaf,
  type Metadata,
  type RegularFile,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
  S_IFSOCK,
  type Special,
} from '../formats/tree/index.ts';
import { copyData, listDirectory } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { objectFile } from './objects.ts';
import type { Store } from './store.ts';

/** Contents that are in no store: files that somebody else owns, by their paths. */
export type OutsideFiles = ReadonlyMap<Content, ByteString>;

/**
 * Writes a tree into a directory that is absent or empty: contents (shared with the store where the file system can),
 * owners, modes, xattrs, times, hard links (as many as the file system allows), devices. Only names that it makes itself are used on the way, so a link in
 * the tree leads nowhere else. Not durable until the file system is synced.
 * `outside`: what its contents of kind `path` stand for; a file that is gone by now is left out. No other path is read, since trees are input.
 */
export function checkout(
  store: Store,
  tree: Directory,
  directory: string,
  outside: OutsideFiles = new Map(),
): Promise<void> {
  return withContext(`writing ${directory}`, () => {
    const { sys } = store.host;
    if (sys.lstatIfExists(directory) === undefined) sys.mkdir(directory, 0o700);
    else if (listDirectory(sys, directory).length > 0)
      throw new AptLayerError('FAILED', 'the directory is not empty', {
        hint: 'name an absent or empty directory',
      });
    const state: State = { sys, store, links: new Map(), outside };
    fillDirectory(state, tree, fromText(directory));
  });
}

interface State {
  readonly sys: Sys;
  readonly store: Store;
  /** First path of leaves with several names. */
  readonly links: Map<Leaf, ByteString>;
  readonly outside: OutsideFiles;
}

/** Metadata comes after the entries: a mode may forbid writing, and every entry changes the time. */
function fillDirectory(state: State, directory: Directory, path: ByteString): void {
  for (const [name, node] of directory.entries) {
    const child = joinPath(path, name);
    if (node.kind === 'directory') {
      state.sys.mkdir(toPath(child), 0o700);
      fillDirectory(state, node, child);
    } else writeLeaf(state, node, child);
  }
  setMetadata(state.sys, directory, toPath(path));
}

function writeLeaf(state: State, leaf: Leaf, path: ByteString): void {
  const target = toPath(path);
  const first = leaf.nlink > 1 ? state.links.get(leaf) : undefined;
  if (first !== undefined && linked(state.sys, first, target)) return;
  if (leaf.kind === 'file' && !writeFile(state, leaf, target)) return;
  if (leaf.nlink > 1) state.links.set(leaf, path);
  if (leaf.kind === 'symlink') state.sys.symlink(toPath(leaf.target), target);
  else if (leaf.kind !== 'file') state.sys.mknod(target, typeOf(leaf) | 0o600, leaf.rdev);
  setMetadata(state.sys, leaf, target, leaf.kind === 'symlink');
}

/** False where the file has as many names as its file system allows (ext4: 65,000): the next ones get a copy of their own. */
function linked(sys: Sys, first: ByteString, target: string | Buffer): boolean {
  try {
    sys.link(toPath(first), target);
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EMLINK') throw error;
    return false;
  }
}

/** False when it is a file outside that is gone. */
function writeFile(state: State, file: RegularFile, path: string | Buffer): boolean {
  const { sys } = state;
  const { content } = file;
  const source = content.kind === 'inline' ? undefined : openContent(state, content);
  if (source === 'gone') return false;
  try {
    const fd = sys.create(path, 0o600);
    try {
      if (source !== undefined) copyData(sys, source, fd);
      else if (content.kind === 'inline' && content.bytes.length > 0) sys.write(fd, content.bytes);
    } finally {
      sys.close(fd);
    }
  } finally {
    if (source !== undefined) sys.close(source);
  }
  return true;
}

function openContent(
  { sys, store, outside }: State,
  content: Exclude<Content, { kind: 'inline' }>,
): number | 'gone' {
  const path = outside.get(content);
  if (path === undefined) {
    if (content.digest !== undefined) return sys.openRead(objectFile(store, content.digest));
    throw new AptLayerError('FAILED', 'a file of the tree names no object of this store');
  }
  try {
    return sys.openRead(toPath(path));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return 'gone';
  }
}

/** Owner first, since changing it drops setuid bits and file capabilities; the time last. */
function setMetadata(sys: Sys, metadata: Metadata, path: string | Buffer, isLink = false): void {
  if (metadata.uid !== 0 || metadata.gid !== 0) sys.lchown(path, metadata.uid, metadata.gid);
  if (!isLink) sys.chmod(path, metadata.mode);
  for (const [name, value] of metadata.xattrs ?? []) sys.setXattr(path, name, value);
  sys.setTimes(path, metadata);
}

function typeOf(leaf: Special): number {
  return { character: S_IFCHR, block: S_IFBLK, fifo: S_IFIFO, socket: S_IFSOCK }[leaf.kind];
}
