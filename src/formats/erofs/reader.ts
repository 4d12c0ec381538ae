import { type ByteString, toText } from '../bytes/index.ts';
import {
  type Content,
  type Directory,
  type Leaf,
  type Metadata,
  type Node,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  type Tree,
} from '../tree/index.ts';
import { LAYOUT, SYMLINK_MAX } from './constants.ts';
import { type ImageView, openImage, refuseImage } from './image-view.ts';
import { readDirectory } from './read-directory.ts';
import { type RawInode, readBytes, readData, readInode } from './read-inode.ts';
import {
  createXattrReader,
  externalContent,
  type InodeXattrs,
  readXattrs,
  type XattrReader,
} from './read-xattrs.ts';

const NO_BYTES = Buffer.alloc(0);

export interface ReadImage {
  readonly tree: Tree;
  /** The composefs version of the header: 0 and 1 are what `writeImage` writes, 2 is by older composefs-rs. */
  readonly version: number;
}

interface Reader {
  readonly view: ImageView;
  readonly xattrs: XattrReader;
  readonly leaves: Map<number, Leaf>;
  readonly directories: Set<number>;
  /** Whiteouts of the tree itself, as against those that an image adds to its root. */
  readonly unescaped: Set<Node>;
  /** Directories whose entries are still to be read. */
  readonly pending: { readonly directory: Directory; readonly inode: RawInode; readonly isRoot: boolean }[];
}

/**
 * Reads a composefs image as a tree, without what the image added for itself: the root's 256 whiteouts, its opaque
 * mark, redirects and digests (they become `content`), the marks of escaped whiteouts. As composefs-info does, it
 * leaves the opaque marks of a V1 image on directories that hold whiteouts. Names that share an inode share a leaf.
 *
 * The image may come from anywhere: whatever it holds, this ends soon, with a tree or a FormatError with an offset,
 * and takes memory in proportion to the image. Content is copied, so the image can be dropped.
 */
export function readImage(image: Buffer): ReadImage {
  const view = openImage(image);
  const reader: Reader = {
    view,
    xattrs: createXattrReader(),
    leaves: new Map(),
    directories: new Set(),
    unescaped: new Set(),
    pending: [],
  };
  const tree = readNode(reader, view.rootNid, true);
  if (tree.kind !== 'directory') return refuseImage(0, 'the root is not a directory');
  for (let next = reader.pending.pop(); next !== undefined; next = reader.pending.pop()) {
    const { directory, inode, isRoot } = next;
    readDirectory(view, inode, (name, nid) => {
      const node = readNode(reader, nid, false);
      if (isRoot && isHidden(reader, name, node)) return;
      if (directory.entries.has(name)) refuseImage(inode.offset, `a second entry ${toText(name)}`);
      directory.entries.set(name, node);
    });
  }
  return { tree, version: view.version };
}

/** Whether an entry of the root is one of the whiteouts that hide the object store. */
function isHidden({ view, unescaped }: Reader, name: ByteString, node: Node): boolean {
  if (view.version > 1 || unescaped.has(node)) return false;
  return node.kind === 'character' && node.rdev === 0 && /^[0-9a-f]{2}$/.test(name);
}

function readNode(reader: Reader, nid: number, isRoot: boolean): Node {
  const known = reader.leaves.get(nid);
  if (known !== undefined) return known;
  const { view } = reader;
  const inode = readInode(view, nid);
  const xattrs = readXattrs(view, reader.xattrs, inode);
  if ((inode.mode & S_IFMT) === S_IFDIR) {
    if (reader.directories.has(nid)) refuseImage(inode.offset, 'a directory with two names');
    reader.directories.add(nid);
    const directory: Directory = { kind: 'directory', ...metadataOf(inode, xattrs), entries: new Map() };
    reader.pending.push({ directory, inode, isRoot });
    return directory;
  }
  const leaf = readLeaf(view, inode, xattrs);
  reader.leaves.set(nid, leaf);
  if (xattrs.isWhiteout) reader.unescaped.add(leaf);
  return leaf;
}

function readLeaf(view: ImageView, inode: RawInode, xattrs: InodeXattrs): Leaf {
  const type = inode.mode & S_IFMT;
  if (type === S_IFREG) return readFile(view, inode, xattrs);
  const metadata = metadataOf(inode, xattrs);
  const { nlink, dataField: rdev } = inode;
  switch (type) {
    case S_IFLNK:
      return { kind: 'symlink', ...metadata, target: readTarget(view, inode), nlink };
    case S_IFCHR:
      return { kind: 'character', ...metadata, rdev, nlink };
    case S_IFBLK:
      return { kind: 'block', ...metadata, rdev, nlink };
    case S_IFIFO:
      return { kind: 'fifo', ...metadata, rdev: 0, nlink };
    case S_IFSOCK:
      return { kind: 'socket', ...metadata, rdev: 0, nlink };
    default:
      return refuseImage(inode.offset, `mode ${inode.mode.toString(8)} has no known file type`);
  }
}

function readTarget(view: ImageView, inode: RawInode): ByteString {
  const { size } = inode;
  if (size === 0 || size > SYMLINK_MAX)
    refuseImage(inode.offset, `a symlink target of ${size} bytes, not 1..${SYMLINK_MAX}`);
  const target = readBytes(view, inode);
  return target.includes('\0') ? refuseImage(inode.offset, 'a symlink target with a NUL byte') : target;
}

function readFile(view: ImageView, inode: RawInode, xattrs: InodeXattrs): Leaf {
  const { uid, gid, mtime, mtimeNsec, nlink, size } = inode;
  if (xattrs.isWhiteout) return { kind: 'character', ...metadataOf(inode, xattrs), rdev: 0, nlink };
  const content = readContent(view, inode, xattrs);
  // Spelled out, since an image has many more files than anything else.
  return {
    kind: 'file',
    mode: inode.mode & 0o7777,
    uid,
    gid,
    mtime,
    mtimeNsec,
    xattrs: xattrs.own,
    size,
    content,
    nlink,
  };
}

function readContent(view: ImageView, inode: RawInode, xattrs: InodeXattrs): Content {
  if (inode.size === 0) return { kind: 'inline', bytes: NO_BYTES };
  if (inode.layout === LAYOUT.chunked) return externalContent(xattrs);
  return { kind: 'inline', bytes: readData(view, inode) };
}

function metadataOf({ mode, uid, gid, mtime, mtimeNsec }: RawInode, { own }: InodeXattrs): Metadata {
  return { mode: mode & 0o7777, uid, gid, mtime, mtimeNsec, xattrs: own };
}
