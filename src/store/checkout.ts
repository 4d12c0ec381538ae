import { AptLayerError, errnoOf, withContext } from '../errors/index.ts';
import { type ByteString, fromText, joinPath, toPath } from '../formats/bytes/index.ts';
import {
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
import { listDirectory } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { objectFile } from './objects.ts';
import type { Store } from './store.ts';

const COPY_BYTES = 1024 * 1024;

/**
 * Writes a tree into a directory that is absent or empty: contents (shared with the store where the file system can),
 * owners, modes, xattrs, times, hard links (as many as the file system allows), devices. Only names that it makes itself are used on the way, so a link in
 * the tree leads nowhere else. Not durable until the file system is synced.
 */
export function checkout(store: Store, tree: Directory, directory: string): Promise<void> {
  return withContext(`writing ${directory}`, () => {
    const { sys } = store.host;
    if (sys.lstatIfExists(directory) === undefined) sys.mkdir(directory, 0o700);
    else if (listDirectory(sys, directory).length > 0)
      throw new AptLayerError('FAILED', 'the directory is not empty', {
        hint: 'name an absent or empty directory',
      });
    const state: State = { sys, store, links: new Map(), buffer: Buffer.allocUnsafe(COPY_BYTES) };
    fillDirectory(state, tree, fromText(directory));
  });
}

interface State {
  readonly sys: Sys;
  readonly store: Store;
  /** First path of leaves with several names. */
  readonly links: Map<Leaf, ByteString>;
  readonly buffer: Buffer;
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
  if (leaf.nlink > 1) state.links.set(leaf, path);
  if (leaf.kind === 'symlink') state.sys.symlink(toPath(leaf.target), target);
  else if (leaf.kind === 'file') writeFile(state, leaf, target);
  else state.sys.mknod(target, typeOf(leaf) | 0o600, leaf.rdev);
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

function writeFile(state: State, file: RegularFile, path: string | Buffer): void {
  const { sys } = state;
  const fd = sys.create(path, 0o600);
  try {
    if (file.content.kind === 'inline') {
      if (file.content.bytes.length > 0) sys.write(fd, file.content.bytes);
    } else if (file.content.digest === undefined)
      throw new AptLayerError('FAILED', 'a file of the tree names no object of this store');
    else copyObject(state, file.content.digest, fd);
  } finally {
    sys.close(fd);
  }
}

function copyObject(state: State, digest: string, target: number): void {
  const { sys, store, buffer } = state;
  const source = sys.openRead(objectFile(store, digest));
  try {
    if (sys.clone(target, source)) return;
    for (let count = sys.read(source, buffer, null); count > 0; count = sys.read(source, buffer, null))
      sys.write(target, buffer.subarray(0, count));
  } finally {
    sys.close(source);
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
