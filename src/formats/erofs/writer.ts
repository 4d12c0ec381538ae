import { FormatError } from '../../errors/index.ts';
import type { Tree } from '../tree/index.ts';
import type { DigestAlgorithm } from '../verity/index.ts';
import {
  BLOCK_BYTES,
  FEATURE_COMPAT,
  HEADER,
  ROOT_NID_MAX,
  SLOT_BYTES,
  SUPERBLOCK,
  SUPERBLOCK_MAGIC,
  SUPERBLOCK_OFFSET,
} from './constants.ts';
import { emitInode, writeSeconds } from './emit-inode.ts';
import { emitEntry } from './emit-xattrs.ts';
import { createImageBuffer, type ImageBuffer } from './image-buffer.ts';
import { type ImageLayout, layOut } from './layout.ts';
import { prepareTree, type RealNames } from './prepare.ts';
import { createPool, type XattrEntry, type XattrPool } from './xattr-pool.ts';

export interface WriteOptions {
  /** `auto` is what mkcomposefs does unasked: 1 when the tree has a whiteout, else 0. */
  readonly version: 0 | 1 | 'auto';
  /** When given, every file's digest must be of this algorithm. */
  readonly algorithm?: DigestAlgorithm | undefined;
  /** From `parseDump`: only dumps of other tools need it. */
  readonly realNames?: RealNames | undefined;
}

export interface WrittenImage {
  readonly image: Buffer;
  readonly version: 0 | 1;
}

/**
 * Writes the composefs image of a tree, byte for byte as mkcomposefs does (1.0.8, `--min-version`), or composefs-rs
 * for its V1. Equal trees give equal images. The tree is not changed. Throws a FormatError that names the path of
 * what an image cannot hold: names and symlink targets that are too long, inline content above 5000 bytes, too many
 * xattrs, `.` or a slash in a name.
 */
export function writeImage(tree: Tree, options: WriteOptions): WrittenImage {
  const pool = createPool();
  const { algorithm, realNames } = options;
  const { root, version } = prepareTree(tree, pool, { version: options.version, algorithm, realNames });
  const layout = layOut(root, pool);
  if (root.position / SLOT_BYTES >= ROOT_NID_MAX)
    throw new FormatError('composefs image', 'the root directory has too many xattrs');
  const out = createImageBuffer(layout.totalBytes);
  emitHeaders(out, layout, { version, hasAcl: usesAcl(pool) });
  const scratch: XattrEntry[] = [];
  for (const inode of layout.inodes) emitInode(out, inode, { inodesEnd: layout.inodesEnd, scratch });
  let position = layout.inodesEnd;
  for (const entry of layout.shared) position = emitEntry(out, position, entry);
  return { image: out.bytes, version };
}

function usesAcl(pool: XattrPool): boolean {
  return pool.sets.some(set => set.hasAcl && set.uses > 0);
}

function emitHeaders(
  { bytes, words }: ImageBuffer,
  layout: ImageLayout,
  header: { version: 0 | 1; hasAcl: boolean },
): void {
  words.set([HEADER.magic, HEADER.version, header.hasAcl ? HEADER.hasAclFlag : 0, header.version]);
  const at = (field: keyof typeof SUPERBLOCK): number => (SUPERBLOCK_OFFSET + SUPERBLOCK[field]) >>> 2;
  words[at('magic')] = SUPERBLOCK_MAGIC;
  words[at('featureCompat')] = FEATURE_COMPAT;
  bytes[SUPERBLOCK_OFFSET + SUPERBLOCK.blockBits] = Math.log2(BLOCK_BYTES);
  bytes.writeUInt16LE(layout.inodes[0]!.position / SLOT_BYTES, SUPERBLOCK_OFFSET + SUPERBLOCK.rootNid);
  words[at('inodeCount')] = layout.inodes.length;
  writeSeconds(words, at('buildTime'), layout.minimumMtime.seconds);
  words[at('buildTimeNsec')] = layout.minimumMtime.nsec;
  words[at('blockCount')] = layout.totalBytes / BLOCK_BYTES;
  words[at('xattrBlock')] = Math.floor(layout.inodesEnd / BLOCK_BYTES);
}
