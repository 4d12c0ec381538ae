/** EROFS image structures as composefs uses them. All integers are little-endian. */

export const BLOCK_BYTES = 4096;
/** Inodes start at multiples of this; an inode number (nid) counts these slots from the start of the image. */
export const SLOT_BYTES = 32;

/** The composefs header at offset 0: magic, header version, flags, composefs version, 16 zero bytes. */
export const HEADER = { magic: 0xd078629a, version: 1, hasAclFlag: 1 } as const;

/** The EROFS superblock, 128 bytes at offset 1024. */
export const SUPERBLOCK_OFFSET = 1024;
export const SUPERBLOCK_END = 1152;
export const SUPERBLOCK_MAGIC = 0xe0f5e1e2;
/** Offsets of its fields, relative to it; those that composefs leaves zero are absent. */
export const SUPERBLOCK = {
  magic: 0,
  featureCompat: 4 + 4,
  blockBits: 12,
  rootNid: 14,
  inodeCount: 16,
  buildTime: 24,
  buildTimeNsec: 32,
  blockCount: 36,
  metadataBlock: 40,
  xattrBlock: 44,
} as const;
/** `EROFS_FEATURE_COMPAT_MTIME | EROFS_FEATURE_COMPAT_XATTR_FILTER`. */
export const FEATURE_COMPAT = 6;
/** Root's nid is 16 bits in the superblock. */
export const ROOT_NID_MAX = 0xffff;

export const COMPACT_INODE_BYTES = 32;
export const EXTENDED_INODE_BYTES = 64;

/** Data layouts, bits 1..3 of an inode's format; bit 0 says extended. */
export const LAYOUT = { plain: 0, inlineTail: 2, chunked: 4 } as const;

/** File types in directory entries. */
export const FILE_TYPE = {
  file: 1,
  directory: 2,
  character: 3,
  block: 4,
  fifo: 5,
  socket: 6,
  symlink: 7,
} as const;

/** A chunk that has no data in the image: its bytes are in the object store. */
export const NULL_CHUNK = 0xffffffff;
export const CHUNK_BITS_MIN = 12;
export const CHUNK_BITS_MAX = 43;
/** 1024 chunks of the largest size. */
export const EXTERNAL_SIZE_MAX = 2 ** 53;

/** Limits of mkcomposefs, so that no image of ours is beyond it. */
export const CONTENT_MAX = 5000;
export const SYMLINK_MAX = 4095;
export const NAME_MAX = 255;

export const XATTR_HEADER_BYTES = 12;
export const XATTR_ENTRY_BYTES = 4;
/** References to shared xattrs in one inode; further shared ones are stored inline all the same. */
export const SHARED_REFERENCES_MAX = 128;
export const XATTR_KEY_MAX = 255;
export const XATTR_VALUE_MAX = 65535;
/** What mkcomposefs allows for the xattrs of an inode: `12 + sum(7 + key + value)`. */
export const XATTR_BUDGET = 32767;
export const XATTR_BUDGET_START = 12;
export const XATTR_BUDGET_EACH = 7;

/** Rounds up to a multiple of a power of two; exact beyond 32 bits. */
export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
