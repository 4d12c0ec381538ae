import { digestAlgorithm } from '../verity/index.ts';
import { BLOCK_BYTES, SHARED_REFERENCES_MAX, XATTR_ENTRY_BYTES, XATTR_HEADER_BYTES } from './constants.ts';
import type { ImageBuffer } from './image-buffer.ts';
import { METACOPY_HEADER, type XattrEntry } from './xattr-pool.ts';

const SLASH = 0x2f;

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
  const { prefixIndex, suffix, suffixWords } = entry.name;
  const at = position >>> 2;
  words[at] = suffix.length | (prefixIndex << 8) | (entry.valueBytes << 16);
  for (let i = 0; i < suffixWords.length; i++) words[at + 1 + i] = suffixWords[i]!;
  const valueStart = position + XATTR_ENTRY_BYTES + suffix.length;
  const { source } = entry;
  switch (entry.form) {
    case 'bytes':
      bytes.latin1Write(source, valueStart);
      break;
    case 'metacopy':
      bytes.latin1Write(METACOPY_HEADER[digestAlgorithm(source)], valueStart);
      bytes.hexWrite(source, valueStart + 4);
      break;
    case 'objectPath':
      // The digest goes where its third digit belongs; then the start of the path is put over the first two.
      bytes.latin1Write(source, valueStart + 2);
      bytes[valueStart] = SLASH;
      bytes[valueStart + 1] = source.charCodeAt(0);
      bytes[valueStart + 2] = source.charCodeAt(1);
      bytes[valueStart + 3] = SLASH;
      break;
  }
  return position + entry.entryBytes;
}
