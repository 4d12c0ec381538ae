import type { ByteString } from '../bytes/index.ts';
import { packDirectory, packedBytes, type Seconds } from '../tree/index.ts';
import {
  BLOCK_BYTES,
  CHUNK_BITS_MAX,
  CHUNK_BITS_MIN,
  COMPACT_INODE_BYTES,
  EXTENDED_INODE_BYTES,
  roundUp,
  SHARED_REFERENCES_MAX,
  SLOT_BYTES,
  SUPERBLOCK_END,
  XATTR_HEADER_BYTES,
} from './constants.ts';
import { type Inode, inodeLinks } from './inode.ts';
import { collectEntries, placeShared, type XattrEntry, type XattrPool } from './xattr-pool.ts';

/** Where everything of an image is. */
export interface ImageLayout {
  /** Breadth first, which is the order in the image. */
  readonly inodes: readonly Inode[];
  readonly shared: readonly XattrEntry[];
  readonly minimumMtime: Mtime;
  /** End of the inodes and start of the shared xattrs. */
  readonly inodesEnd: number;
  readonly dataStart: number;
  readonly totalBytes: number;
}

export interface Mtime {
  readonly seconds: Seconds;
  readonly nsec: number;
}

const TAIL_MAX = BLOCK_BYTES / 2;
const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;

/** Decides the form and place of every inode, shared xattr and data block. */
export function layOut(root: Inode, pool: XattrPool): ImageLayout {
  const inodes = listInodes(root);
  const minimumMtime = findMinimumMtime(inodes);
  const shared = placeShared(pool);
  const scratch: XattrEntry[] = [];
  let position = SUPERBLOCK_END;
  for (const inode of inodes) {
    measureData(inode);
    inode.xattrBytes = xattrAreaBytes(scratch, collectEntries(scratch, inode.set, inode.backing));
    inode.extended = needsExtended(inode, minimumMtime);
    position = placeInode(inode, position);
  }
  const inodesEnd = roundUp(position, SLOT_BYTES);
  const dataStart = roundUp(inodesEnd + shared.bytes, BLOCK_BYTES);
  let block = dataStart / BLOCK_BYTES;
  for (const inode of inodes) {
    inode.firstBlock = block;
    block += inode.blocks;
  }
  return {
    inodes,
    shared: shared.entries,
    minimumMtime,
    inodesEnd,
    dataStart,
    totalBytes: block * BLOCK_BYTES,
  };
}

/** Where an inode's header ends and its xattrs begin, relative to it. */
export function inodeHeaderBytes(inode: Inode): number {
  return inode.extended ? EXTENDED_INODE_BYTES : COMPACT_INODE_BYTES;
}

/** log2 of the chunk size of an external file: one chunk as far as that goes. */
export function chunkBits(size: number): number {
  const last = Math.max(size - 1, 1);
  const high = Math.floor(last / 2 ** 32);
  const bits = high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(last);
  return Math.min(Math.max(bits, CHUNK_BITS_MIN), CHUNK_BITS_MAX);
}

/** Breadth first over real names; also counts the uses of xattrs. */
function listInodes(root: Inode): Inode[] {
  const inodes: Inode[] = [root];
  for (let ino = 0; ino < inodes.length; ino++) {
    const inode = inodes[ino]!;
    inode.ino = ino;
    if (inode.set !== undefined) inode.set.uses += 1;
    if (inode.listing === undefined) continue;
    const children = inode.listing.inodes;
    for (let index = 0; index < children.length; index++) {
      const child = children[index]!;
      if (child.parent === inode && child.index === index) inodes.push(child);
    }
  }
  return inodes;
}

function findMinimumMtime(inodes: readonly Inode[]): Mtime {
  let { mtime: seconds, mtimeNsec: nsec } = inodes[0]!.node;
  for (const { node } of inodes) {
    if (node.mtime < seconds || (node.mtime === seconds && node.mtimeNsec < nsec)) {
      seconds = node.mtime;
      nsec = node.mtimeNsec;
    }
  }
  return { seconds, nsec };
}

/** Data size, number of blocks and tail, before the place of the inode is known. */
function measureData(inode: Inode): void {
  const { node, listing } = inode;
  if (listing !== undefined) {
    const packing = packDirectory(listing.names as ByteString[]);
    listing.ends = packing.ends;
    inode.blocks = packing.ends.length;
    inode.tailBytes = packing.tailBytes;
    inode.size = packedBytes(packing);
  } else if (node.kind === 'symlink') {
    inode.tailBytes = inode.size = node.target.length;
  } else if (node.kind === 'file') {
    inode.size = node.size;
    if (node.content.kind !== 'inline') {
      inode.tailBytes = 4 * Math.ceil(node.size / 2 ** chunkBits(node.size));
      return;
    }
    const tail = node.size % BLOCK_BYTES;
    inode.blocks = Math.floor(node.size / BLOCK_BYTES) + (tail > TAIL_MAX ? 1 : 0);
    inode.tailBytes = tail > TAIL_MAX ? 0 : tail;
  }
}

function xattrAreaBytes(entries: readonly XattrEntry[], count: number): number {
  if (count === 0) return 0;
  let references = 0;
  let bytes = XATTR_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const entry = entries[i]!;
    if (entry.sharedOffset >= 0 && references < SHARED_REFERENCES_MAX) {
      references += 1;
      bytes += 4;
    } else {
      bytes += entry.entryBytes;
    }
  }
  return bytes;
}

function needsExtended(inode: Inode, minimum: Mtime): boolean {
  const { node, isEscapedWhiteout } = inode;
  // A dump's size of a device or fifo is not stored, but it still counts here.
  const size = 'rdev' in node && !isEscapedWhiteout ? (node.size ?? 0) : inode.size;
  return (
    node.mtime !== minimum.seconds ||
    node.mtimeNsec !== minimum.nsec ||
    inodeLinks(inode) > U16_MAX ||
    node.uid > U16_MAX ||
    node.gid > U16_MAX ||
    size > U32_MAX
  );
}

/** Places an inode at or after `from` so that its tail does not cross a block. Returns where it ends. */
function placeInode(inode: Inode, from: number): number {
  const header = inodeHeaderBytes(inode) + inode.xattrBytes;
  const tail = inode.tailBytes;
  let position = roundUp(from, SLOT_BYTES);
  if (inode.node.kind === 'symlink') {
    const total = header + tail;
    const crosses = Math.floor(position / BLOCK_BYTES) !== Math.floor((position + total - 1) / BLOCK_BYTES);
    if (total >= BLOCK_BYTES) moveTailToBlock(inode);
    if (crosses) position = roundUp(position, BLOCK_BYTES);
  } else {
    const room = BLOCK_BYTES - ((position + header) % BLOCK_BYTES);
    if (room < tail) {
      const padding = roundUp(room, SLOT_BYTES);
      if (tail <= BLOCK_BYTES - ((position + header + padding) % BLOCK_BYTES)) {
        position += padding;
      } else {
        moveTailToBlock(inode);
        position = roundUp(position, BLOCK_BYTES);
      }
    }
  }
  inode.position = position;
  return position + header + inode.tailBytes;
}

function moveTailToBlock(inode: Inode): void {
  inode.blocks += 1;
  inode.tailBytes = 0;
}
