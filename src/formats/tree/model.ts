import type { ByteString } from '../bytes/index.ts';

/** File type bits of a mode, as in <sys/stat.h>. */
export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;

/** Contents of at most this many bytes live in the image itself; larger ones are objects (composefs convention). */
export const INLINE_CONTENT_MAX = 64;

/** Seconds since the epoch: a number while exact, a bigint beyond 2^53 (only hostile or synthetic input has those). */
export type Seconds = number | bigint;

export type Xattrs = ReadonlyMap<ByteString, ByteString>;

/** What every inode has. Fields are mutable: a tree is built and edited in place, then written. */
export interface Metadata {
  /** Permission bits only, 0..0o7777; the type is the node's `kind`. */
  mode: number;
  uid: number;
  gid: number;
  mtime: Seconds;
  /** 0..999999999 in what we write; 32 bits in what we may read. */
  mtimeNsec: number;
  /** Absent when there are none. Never edited in place: inodes may share one map. */
  xattrs: Xattrs | undefined;
}

/** A directory. Names are single components, never `.` or `..`; insertion order carries no meaning. */
export interface Directory extends Metadata {
  readonly kind: 'directory';
  readonly entries: Map<ByteString, Node>;
}

/**
 * Where a regular file's bytes are:
 * `inline` in the image; `object` in the store, named by lower-case hex fs-verity digest; `path` a file outside
 * any store, which only dumps made by other tools have.
 */
export type Content =
  | { readonly kind: 'inline'; readonly bytes: Buffer }
  | { readonly kind: 'object'; readonly digest: string }
  | { readonly kind: 'path'; readonly path: ByteString; readonly digest: string | undefined };

/** Bytes as a tree names them: in the image itself, or, where they are too long for that, as the object that `put` stores. */
export function contentOf(bytes: Buffer, put: (bytes: Buffer) => string): Content {
  return bytes.length <= INLINE_CONTENT_MAX
    ? { kind: 'inline', bytes }
    : { kind: 'object', digest: put(bytes) };
}

export interface RegularFile extends Metadata {
  readonly kind: 'file';
  /** Bytes; exact below 2^53. */
  size: number;
  content: Content;
  nlink: number;
}

export interface Symlink extends Metadata {
  readonly kind: 'symlink';
  readonly target: ByteString;
  nlink: number;
}

export interface Special extends Metadata {
  readonly kind: 'character' | 'block' | 'fifo' | 'socket';
  /** Linux st_rdev, 32 bits; 0 for fifo and socket. A character device with rdev 0 is an overlayfs whiteout. */
  readonly rdev: number;
  nlink: number;
  /** Only dumps carry a size here: it decides the inode's form in the image, and is not stored. */
  readonly size?: number;
}

/**
 * Two names for one inode are the same Leaf object in two places. `nlink` is what the source said; `countLinks`
 * makes it the number of names in the tree.
 */
export type Leaf = RegularFile | Symlink | Special;
export type Node = Directory | Leaf;

/** The root directory of a tree. */
export type Tree = Directory;
