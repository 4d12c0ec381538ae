import { type ByteString, fromText, joinPath } from '../bytes/index.ts';
import { type Node, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from '../tree/index.ts';
import { FILE_TYPE } from './constants.ts';
import type { Backing, XattrSet } from './xattr-pool.ts';

/** A node on its way into an image. */
export interface Inode {
  readonly node: Node;
  /** A whiteout of the tree, which the image holds as an empty regular file with marks. */
  isEscapedWhiteout: boolean;
  /** For directory entries. */
  fileType: number;
  /** Type and permission bits. */
  mode: number;
  set: XattrSet | undefined;
  backing: Backing | undefined;
  /** The directory of its real name and the index there; undefined for the root. */
  parent: Inode | undefined;
  index: number;
  /** Place in the breadth-first list; -1 until then. */
  ino: number;
  extended: boolean;
  /** Data size as the inode states it. */
  size: number;
  /** Offset in the image. */
  position: number;
  xattrBytes: number;
  blocks: number;
  /** Number of its first data block, when it has any. */
  firstBlock: number;
  tailBytes: number;
  listing: Listing | undefined;
}

/** What a directory holds, `.` and `..` included, in name order. */
export interface Listing {
  readonly names: readonly ByteString[];
  readonly inodes: Inode[];
  /** Index after the last name of each data block. */
  ends: readonly number[];
  subdirectories: number;
}

/** An inode of which only the place is known yet. One shape for all, as there are many. */
export function newInode(node: Node, parent: Inode | undefined, index: number): Inode {
  return {
    node,
    isEscapedWhiteout: false,
    fileType: FILE_TYPE[node.kind],
    mode: typeBits(node.kind) | (node.mode & 0o7777),
    set: undefined,
    backing: undefined,
    parent,
    index,
    ino: -1,
    extended: false,
    size: 0,
    position: 0,
    xattrBytes: 0,
    blocks: 0,
    firstBlock: 0,
    tailBytes: 0,
    listing: undefined,
  };
}

/** Makes the inode of a whiteout an empty regular file. */
export function escapeWhiteout(inode: Inode): void {
  inode.isEscapedWhiteout = true;
  inode.fileType = FILE_TYPE.file;
  inode.mode = S_IFREG | (inode.node.mode & 0o7777);
}

export function inodeLinks({ node, listing }: Inode): number {
  return node.kind === 'directory' ? listing!.subdirectories + 2 : node.nlink;
}

/** For messages: where the inode is. */
export function inodePath(inode: Inode): ByteString {
  const names: ByteString[] = [];
  for (let at = inode; at.parent !== undefined; at = at.parent)
    names.push(at.parent.listing!.names[at.index]!);
  return names.reduceRight(joinPath, '' as ByteString) || fromText('/');
}

function typeBits(kind: Node['kind']): number {
  switch (kind) {
    case 'file':
      return S_IFREG;
    case 'directory':
      return S_IFDIR;
    case 'symlink':
      return S_IFLNK;
    case 'character':
      return S_IFCHR;
    case 'block':
      return S_IFBLK;
    case 'fifo':
      return S_IFIFO;
    case 'socket':
      return S_IFSOCK;
  }
}
