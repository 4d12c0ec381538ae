import { errnoOf } from '../../errors/index.ts';
import { type ByteString, joinPath, toPath } from '../../formats/bytes/index.ts';
import {
  type Content,
  type Directory,
  type Leaf,
  type Node,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from '../../formats/tree/index.ts';
import { metadataOf, specialKind } from '../../fs/index.ts';
import type { OutsideFiles } from '../../store/index.ts';
import type { Stat, Sys } from '../../sys/index.ts';

/** A directory that is in use, as a tree. */
export interface LiveTree {
  readonly tree: Directory;
  /** Paths of the files whose contents are not in memory. */
  readonly outside: OutsideFiles;
}

/** Longer files are not read, but named: nobody keeps what a person may put into /etc from being larger than the memory. */
const HELD_BYTES_MAX = 64 * 1024;

/**
 * Reads a directory that is in use as a tree. What goes away meanwhile is left out. Names of one inode become one leaf. Nodes that this user may
 * not read are added to `closed`, and look empty; without that set, the first one is an error.
 */
export function readLiveTree(sys: Sys, path: ByteString, closed?: Set<Node>): LiveTree {
  const stat = sys.lstat(toPath(path));
  const outside = new Map<Content, ByteString>();
  return { tree: readDirectory({ sys, links: new Map(), outside, closed }, path, stat), outside };
}

interface State {
  readonly sys: Sys;
  readonly outside: Map<Content, ByteString>;
  readonly links: Map<string, Leaf>;
  readonly closed: Set<Node> | undefined;
}

/** What `read` gives, or `empty`, remembered as closed, where only others may read it. */
function unlessClosed<T extends Node>({ closed }: State, read: () => T, empty: T): T {
  try {
    return read();
  } catch (error) {
    if (closed === undefined || errnoOf(error) !== 'EACCES') throw error;
    closed.add(empty);
    return empty;
  }
}

function readDirectory(state: State, path: ByteString, stat: Stat): Directory {
  const empty: Directory = { ...metadataOf(stat, undefined), kind: 'directory', entries: new Map() };
  return unlessClosed(state, () => openDirectory(state, path, stat), empty);
}

function openDirectory(state: State, path: ByteString, stat: Stat): Directory {
  const entries = new Map<ByteString, Node>();
  for (const name of state.sys.readdir(toPath(path)).sort()) {
    const child = joinPath(path, name);
    const found = state.sys.lstatIfExists(toPath(child));
    if (found === undefined) continue;
    const isDirectory = (found.mode & S_IFMT) === S_IFDIR;
    entries.set(name, isDirectory ? readDirectory(state, child, found) : readLeaf(state, child, found));
  }
  return { ...metadataOf(stat, state.sys.xattrs(toPath(path))), kind: 'directory', entries };
}

function readLeaf(state: State, path: ByteString, stat: Stat): Leaf {
  const key = `${stat.dev}:${stat.ino}`;
  const known = stat.nlink > 1 ? state.links.get(key) : undefined;
  if (known !== undefined) return known;
  const bytes = Buffer.alloc(0);
  const empty: Leaf = {
    ...metadataOf(stat, undefined),
    ...{ kind: 'file', size: 0, content: { kind: 'inline', bytes }, nlink: stat.nlink },
  };
  const leaf = unlessClosed(state, () => leafOf(state, path, stat), empty);
  if (stat.nlink > 1) state.links.set(key, leaf);
  return leaf;
}

function leafOf({ sys, outside, closed }: State, path: ByteString, stat: Stat): Leaf {
  const { nlink } = stat;
  const type = stat.mode & S_IFMT;
  const metadata = metadataOf(stat, sys.xattrs(toPath(path)));
  if (type === S_IFLNK) return { ...metadata, kind: 'symlink', target: sys.readlink(toPath(path)), nlink };
  if (type === S_IFREG) {
    if (stat.size > HELD_BYTES_MAX) {
      // Its content is read when it is compared.
      if (closed !== undefined) sys.close(sys.openRead(toPath(path)));
      const content: Content = { kind: 'path', path, digest: undefined };
      outside.set(content, path);
      return { ...metadata, kind: 'file', size: stat.size, content, nlink };
    }
    const bytes = sys.readFile(toPath(path));
    return { ...metadata, kind: 'file', size: bytes.length, content: { kind: 'inline', bytes }, nlink };
  }
  return { ...metadata, kind: specialKind(stat), rdev: stat.rdev, nlink };
}
