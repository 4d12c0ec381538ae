import { type ByteString, fromBuffer } from '../bytes/index.ts';
import type { Seconds } from '../tree/index.ts';
import {
  BLOCK_BYTES,
  COMPACT_INODE_BYTES,
  EXTENDED_INODE_BYTES,
  EXTERNAL_SIZE_MAX,
  LAYOUT,
  SLOT_BYTES,
  SUPERBLOCK_END,
  XATTR_HEADER_BYTES,
} from './constants.ts';
import { claim, type ImageView, readSeconds, refuseImage } from './image-view.ts';

/** An inode's header as an image has it. */
export interface RawInode {
  readonly offset: number;
  readonly layout: number;
  readonly mode: number;
  readonly nlink: number;
  readonly size: number;
  /** `i_u`: device number, block, or chunk format. */
  readonly dataField: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Seconds;
  readonly mtimeNsec: number;
  readonly xattrOffset: number;
  readonly xattrBytes: number;
}

/** Reads the inode `nid`. Claims its header and its xattr area. */
export function readInode(view: ImageView, nid: number): RawInode {
  const { data } = view;
  const offset = view.metadataBase + nid * SLOT_BYTES;
  if (offset < SUPERBLOCK_END || offset + COMPACT_INODE_BYTES > view.bytes.length) {
    refuseImage(Math.min(offset, view.bytes.length), `inode ${nid} is outside the image`);
  }
  const format = data.getUint16(offset, true);
  const layout = format >> 1;
  if (layout !== LAYOUT.plain && layout !== LAYOUT.inlineTail && layout !== LAYOUT.chunked) {
    refuseImage(offset, `unknown data layout ${layout}`);
  }
  const headerBytes = format & 1 ? EXTENDED_INODE_BYTES : COMPACT_INODE_BYTES;
  const xattrCount = data.getUint16(offset + 2, true);
  const xattrBytes = xattrCount === 0 ? 0 : XATTR_HEADER_BYTES + (xattrCount - 1) * 4;
  claim(view, offset, headerBytes + xattrBytes);
  const isExtended = (format & 1) === 1;
  const size = isExtended ? readSize(view, offset + 8) : data.getUint32(offset + 8, true);
  return {
    offset,
    layout,
    mode: data.getUint16(offset + 4, true),
    nlink: isExtended ? data.getUint32(offset + 44, true) : data.getUint16(offset + 6, true),
    size,
    dataField: data.getUint32(offset + 16, true),
    uid: isExtended ? data.getUint32(offset + 24, true) : data.getUint16(offset + 24, true),
    gid: isExtended ? data.getUint32(offset + 28, true) : data.getUint16(offset + 26, true),
    mtime: isExtended ? readSeconds(data, offset + 32) : view.buildTime,
    mtimeNsec: isExtended ? data.getUint32(offset + 40, true) : view.buildTimeNsec,
    xattrOffset: offset + headerBytes,
    xattrBytes,
  };
}

function readSize({ data }: ImageView, at: number): number {
  const size = data.getUint32(at, true) + data.getUint32(at + 4, true) * 2 ** 32;
  return size > EXTERNAL_SIZE_MAX ? refuseImage(at, 'a size of more than 2^53 bytes') : size;
}

/** Part of an inode's data: a run of blocks, or the tail after its xattrs. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Where the data of an inode that is not external lies. Claims it. */
export function dataExtents(view: ImageView, inode: RawInode): Extent[] {
  const { layout, size, offset } = inode;
  if (layout === LAYOUT.chunked) refuseImage(offset, 'chunks where there must be data in the image');
  const tail = layout === LAYOUT.inlineTail ? size % BLOCK_BYTES : 0;
  const extents: Extent[] = [];
  if (size > tail) extents.push({ offset: inode.dataField * BLOCK_BYTES, length: size - tail });
  if (tail > 0) extents.push({ offset: inode.xattrOffset + inode.xattrBytes, length: tail });
  for (const extent of extents) claim(view, extent.offset, extent.length);
  return extents;
}

/** The data itself, copied out of the image. */
export function readData(view: ImageView, inode: RawInode): Buffer {
  return Buffer.concat(
    dataExtents(view, inode).map(({ offset, length }) => view.bytes.subarray(offset, offset + length)),
  );
}

/** The data as a byte string. */
export function readBytes(view: ImageView, inode: RawInode): ByteString {
  const [first, second] = dataExtents(view, inode);
  if (first === undefined) return '' as ByteString;
  const head = fromBuffer(view.bytes, first.offset, first.offset + first.length);
  if (second === undefined) return head;
  return (head + fromBuffer(view.bytes, second.offset, second.offset + second.length)) as ByteString;
}
