import { FormatError } from '../../errors/index.ts';
import type { Seconds } from '../tree/index.ts';
import {
  BLOCK_BYTES,
  HEADER,
  SUPERBLOCK,
  SUPERBLOCK_END,
  SUPERBLOCK_MAGIC,
  SUPERBLOCK_OFFSET,
} from './constants.ts';

/** An image being read: its bytes, what its superblock says, and how much of it has been used. */
export interface ImageView {
  readonly bytes: Buffer;
  readonly data: DataView;
  /** The composefs version, 0..2. */
  readonly version: number;
  readonly rootNid: number;
  readonly metadataBase: number;
  readonly xattrBase: number;
  readonly buildTime: Seconds;
  readonly buildTimeNsec: number;
  /**
   * Bytes that inodes, xattrs, directories and contents have claimed so far. None overlap in a real image, so more
   * than the image has is an attack: small structures that lead to the same bytes over and over.
   */
  claimed: number;
}

const NEWEST_VERSION = 2;
const FEATURE_INCOMPAT_OFFSET = SUPERBLOCK_OFFSET + 80;

/** Checks header and superblock. */
export function openImage(bytes: Buffer): ImageView {
  if (bytes.length < SUPERBLOCK_END) refuseImage(0, `${bytes.length} bytes, too short for an image`);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u32 = (offset: number): number => data.getUint32(offset, true);
  const at = (field: keyof typeof SUPERBLOCK): number => SUPERBLOCK_OFFSET + SUPERBLOCK[field];
  if (u32(0) !== HEADER.magic) refuseImage(0, 'not a composefs image');
  if (u32(4) !== HEADER.version) refuseImage(4, `unknown header version ${u32(4)}`);
  const version = u32(12);
  if (version > NEWEST_VERSION) refuseImage(12, `unknown composefs version ${version}`);
  if (u32(SUPERBLOCK_OFFSET) !== SUPERBLOCK_MAGIC) refuseImage(SUPERBLOCK_OFFSET, 'no EROFS superblock');
  if (1 << bytes[at('blockBits')]! !== BLOCK_BYTES)
    refuseImage(at('blockBits'), 'the block size is not 4096');
  if (u32(FEATURE_INCOMPAT_OFFSET) !== 0)
    refuseImage(FEATURE_INCOMPAT_OFFSET, 'an EROFS feature that composefs does not use');
  return {
    bytes,
    data,
    version,
    rootNid: data.getUint16(at('rootNid'), true),
    metadataBase: u32(at('metadataBlock')) * BLOCK_BYTES,
    xattrBase: u32(at('xattrBlock')) * BLOCK_BYTES,
    buildTime: readSeconds(data, at('buildTime')),
    buildTimeNsec: u32(at('buildTimeNsec')),
    claimed: 0,
  };
}

/** Makes sure that `length` bytes at `offset` are in the image, and counts them as used. */
export function claim(view: ImageView, offset: number, length: number): void {
  if (offset + length > view.bytes.length)
    refuseImage(offset, `${length} bytes here reach beyond the end of the image`);
  view.claimed += length;
  if (view.claimed > view.bytes.length) refuseImage(offset, 'structures overlap');
}

/** A signed 64-bit number of seconds. */
export function readSeconds(data: DataView, offset: number): Seconds {
  const low = data.getUint32(offset, true);
  const number = data.getInt32(offset + 4, true) * 2 ** 32 + low;
  return Number.isSafeInteger(number) ? number : data.getBigInt64(offset, true);
}

export function refuseImage(offset: number, reason: string): never {
  throw new FormatError('composefs image', reason, { offset });
}
