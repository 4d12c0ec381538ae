import type { Seconds } from '../tree/index.ts';
import { DIRENT_BYTES } from '../tree/index.ts';
import {
  BLOCK_BYTES,
  CHUNK_BITS_MIN,
  LAYOUT,
  NULL_CHUNK,
  SLOT_BYTES,
  XATTR_HEADER_BYTES,
} from './constants.ts';
import { emitXattrArea } from './emit-xattrs.ts';
import { type ImageBuffer, writeName } from './image-buffer.ts';
import { type Inode, inodeLinks, type Listing } from './inode.ts';
import { chunkBits, inodeHeaderBytes } from './layout.ts';
import { collectEntries, type XattrEntry } from './xattr-pool.ts';

/** Writes an inode with its xattrs, its tail and its data blocks. `scratch` is reused from call to call. */
export function emitInode(
  out: ImageBuffer,
  inode: Inode,
  { inodesEnd, scratch }: { inodesEnd: number; scratch: XattrEntry[] },
): void {
  emitHeader(out, inode);
  const xattrs = inode.position + inodeHeaderBytes(inode);
  if (inode.xattrBytes > 0) {
    const count = collectEntries(scratch, inode.set, inode.backing);
    emitXattrArea(out, xattrs, { entries: scratch, count, inodesEnd });
  }
  emitData(out, inode, xattrs + inode.xattrBytes);
}

function emitHeader({ words }: ImageBuffer, inode: Inode): void {
  const { node, extended, size, xattrBytes } = inode;
  const at = inode.position >>> 2;
  const xattrCount = xattrBytes === 0 ? 0 : (xattrBytes - XATTR_HEADER_BYTES) / 4 + 1;
  const links = inodeLinks(inode);
  words[at] = (layoutOf(inode) << 1) | (extended ? 1 : 0) | (xattrCount << 16);
  words[at + 2] = size;
  words[at + 4] = dataField(inode);
  words[at + 5] = inode.ino;
  if (!extended) {
    words[at + 1] = inode.mode | (links << 16);
    words[at + 6] = node.uid | (node.gid << 16);
    return;
  }
  words[at + 1] = inode.mode;
  words[at + 3] = size / 2 ** 32;
  words[at + 6] = node.uid;
  words[at + 7] = node.gid;
  writeSeconds(words, at + 8, node.mtime);
  words[at + 10] = node.mtimeNsec;
  words[at + 11] = links;
}

/** Writes a signed 64-bit number of seconds. */
export function writeSeconds(words: Uint32Array, at: number, seconds: Seconds): void {
  if (typeof seconds === 'number') {
    words[at] = seconds;
    words[at + 1] = Math.floor(seconds / 2 ** 32);
  } else {
    words[at] = Number(BigInt.asUintN(32, seconds));
    words[at + 1] = Number(BigInt.asUintN(32, seconds >> 32n));
  }
}

function layoutOf({ backing, tailBytes }: Inode): number {
  if (backing !== undefined) return LAYOUT.chunked;
  return tailBytes > 0 ? LAYOUT.inlineTail : LAYOUT.plain;
}

/** `i_u`: device number, first block, or chunk format. */
function dataField({ node, backing, isEscapedWhiteout, size, blocks, firstBlock }: Inode): number {
  if (backing !== undefined) {
    const format = chunkBits(size) - CHUNK_BITS_MIN;
    // A chunk table in a block leaves the upper half of its number here, as mkcomposefs has it.
    return blocks > 0 ? (firstBlock & 0xffff0000) | format : format;
  }
  if ('rdev' in node) return isEscapedWhiteout ? 0 : node.rdev;
  return blocks > 0 ? firstBlock : 0;
}

function emitData(out: ImageBuffer, inode: Inode, tail: number): void {
  const { node, listing, blocks } = inode;
  const { bytes } = out;
  const block = inode.firstBlock * BLOCK_BYTES;
  if (listing !== undefined) {
    emitDirectory(out, listing, { block, tail });
  } else if (node.kind === 'symlink') {
    bytes.latin1Write(node.target, blocks > 0 ? block : tail);
  } else if (node.kind === 'file') {
    const { content } = node;
    if (content.kind === 'inline') {
      bytes.set(content.bytes.subarray(0, blocks * BLOCK_BYTES), block);
      bytes.set(content.bytes.subarray(blocks * BLOCK_BYTES), tail);
    } else if (blocks > 0) {
      bytes.fill(0xff, block, block + BLOCK_BYTES);
    } else {
      out.words.fill(NULL_CHUNK, tail >>> 2, (tail + inode.tailBytes) >>> 2);
    }
  }
}

function emitDirectory(
  out: ImageBuffer,
  listing: Listing,
  { block, tail }: { block: number; tail: number },
): void {
  let first = 0;
  for (let i = 0; i < listing.ends.length; i++) {
    emitEntries(out, listing, { first, end: listing.ends[i]!, start: block + i * BLOCK_BYTES });
    first = listing.ends[i]!;
  }
  emitEntries(out, listing, { first, end: listing.names.length, start: tail });
}

/** Writes the entries `first` to `end` as one block or tail. */
function emitEntries(
  { bytes, words }: ImageBuffer,
  { names, inodes }: Listing,
  { first, end, start }: { first: number; end: number; start: number },
): void {
  let nameOffset = (end - first) * DIRENT_BYTES;
  let at = start >>> 2;
  for (let i = first; i < end; i++, at += 3) {
    const name = names[i]!;
    const target = inodes[i]!;
    const nid = target.position / SLOT_BYTES;
    words[at] = nid;
    words[at + 1] = nid / 2 ** 32;
    words[at + 2] = nameOffset | (target.fileType << 16);
    writeName(bytes, name, start + nameOffset);
    nameOffset += name.length;
  }
}
