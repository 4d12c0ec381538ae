import type { ByteString } from '../bytes/index.ts';
import type { Directory } from './model.ts';

/** Bytes of a directory entry in an EROFS image, without its name. */
export const DIRENT_BYTES = 12;

const BLOCK_BYTES = 4096;
const TAIL_MAX = BLOCK_BYTES / 2;

/** How a directory lies in an image: `ends[i]` is the index after the last name of block i; the rest is the tail. */
export interface DirectoryPacking {
  readonly ends: readonly number[];
  readonly tailBytes: number;
}

const NO_BLOCKS: number[] = [];

/** Packs names, which must be in order and include `.` and `..`, greedily into blocks as mkcomposefs does. */
export function packDirectory(names: readonly ByteString[]): DirectoryPacking {
  // One shared empty list: most directories are small.
  let ends = NO_BLOCKS;
  let sum = 0;
  for (let i = 0; i < names.length; i++) {
    const cost = DIRENT_BYTES + names[i]!.length;
    if (sum + cost > BLOCK_BYTES) {
      if (ends === NO_BLOCKS) ends = [];
      ends.push(i);
      sum = 0;
    }
    sum += cost;
  }
  if (sum > TAIL_MAX) {
    if (ends === NO_BLOCKS) ends = [];
    ends.push(names.length);
    sum = 0;
  }
  return { ends, tailBytes: sum };
}

/** The size of a directory as an image and a dump state it. */
export function packedBytes(packing: DirectoryPacking): number {
  return packing.ends.length * BLOCK_BYTES + packing.tailBytes;
}

/** The names of a directory in byte order. */
export function sortedNames(directory: Directory): ByteString[] {
  const names = [...directory.entries.keys()];
  for (let i = 1; i < names.length; i++) {
    if (names[i - 1]! >= names[i]!) return names.sort();
  }
  return names;
}

/** Adds names to sorted ones, each at its place. */
export function insertNames(sorted: readonly ByteString[], added: readonly ByteString[]): ByteString[] {
  return [...sorted, ...added].sort();
}

const HEX_NAMES: readonly ByteString[] = Array.from(
  { length: 256 },
  (_, i) => i.toString(16).padStart(2, '0') as ByteString,
);

/**
 * The names `00`..`ff` that a root lacks. A V0 or V1 image has a whiteout for each, so that the object store below
 * it does not show through.
 */
export function hiddenNames(root: Directory): ByteString[] {
  return HEX_NAMES.filter(name => !root.entries.has(name));
}
