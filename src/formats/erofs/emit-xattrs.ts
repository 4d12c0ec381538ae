import { BLOCK_BYTES, SHARED_REFERENCES_MAX, XATTR_ENTRY_BYTES, XATTR_HEADER_BYTES } from './constants.ts';
import type { ImageBuffer } from './image-buffer.ts';
import { entryValue, type XattrEntry } from './xattr-pool.ts';

/** Writes the first `count` entries as an inode's xattr area. */
export function emitXattrArea(
  out: ImageBuffer,
  start: number,
  { entries, count, inodesEnd }: { entries: readonly XattrEntry[]; count: number; inodesEnd: number },
): void {
  const sharedBase = inodesEnd % BLOCK_BYTES;
  let filter = -1;
  let references = 0;
  let position = start + XATTR_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const entry = entries[i]!;
    filter &= ~(1 << entry.name.filterBit);
    if (entry.sharedOffset < 0 || references >= SHARED_REFERENCES_MAX) continue;
    references += 1;
    out.words[position >>> 2] = (sharedBase + entry.sharedOffset) / 4;
    position += 4;
  }
  out.words[start >>> 2] = filter;
  out.words[(start >>> 2) + 1] = references;
  let skipped = 0;
  for (let i = 0; i < count; i++) {
    const entry = entries[i]!;
    if (entry.sharedOffset >= 0 && skipped < SHARED_REFERENCES_MAX) skipped += 1;
    else position = emitEntry(out, position, entry);
  }
}

/** Writes one entry, in the shared table or inline. Returns where the next begins. */
export function emitEntry({ bytes, words }: ImageBuffer, position: number, entry: XattrEntry): number {
  const { prefixIndex, suffix } = entry.name;
  words[position >>> 2] = suffix.length | (prefixIndex << 8) | (entry.valueBytes << 16);
  let at = position + XATTR_ENTRY_BYTES;
  bytes.write(suffix, at, 'latin1');
  at += suffix.length;
  bytes.write(entryValue(entry), at, 'latin1');
  return position + entry.entryBytes;
}
