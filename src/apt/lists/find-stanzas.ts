import type { Stanza } from '../../formats/deb822/index.ts';
import type { Host } from '../../host/index.ts';
import { stanzasWith } from './stanzas.ts';

/** So much is read at a time: it stays in the processor's cache. */
const PIECE_BYTES = 1024 * 1024;
/** Most stanzas are far shorter than this. */
const AROUND_BYTES = 64 * 1024;
const BLANK_LINE = Buffer.from('\n\n');

/**
 * The stanzas of a `Packages` file that have one of these lines, each the whole of one (`SHA256: HEX`), found without holding the file in
 * memory: the largest has 60 MB, and to have that much takes longer than to look at it.
 */
export function findStanzas({ sys }: Pick<Host, 'sys'>, path: string, lines: readonly string[]): Stanza[] {
  const wanted = lines.map(line => ({ line, bytes: Buffer.from(`\n${line}\n`) }));
  const overlap = Math.max(0, ...wanted.map(one => one.bytes.length - 1));
  const found: Stanza[] = [];
  const fd = sys.openRead(path);
  try {
    const { size } = sys.fstat(fd);
    const buffer = Buffer.allocUnsafe(PIECE_BYTES + overlap);
    const read = (from: number, into: Buffer) => into.subarray(0, sys.read(fd, into, from));
    for (let from = 0; from < size; from += PIECE_BYTES) {
      const piece = read(from, buffer);
      for (const { line, bytes } of wanted)
        for (let at = piece.indexOf(bytes); at >= 0; at = piece.indexOf(bytes, at + 1)) {
          const around = stanzaBytes(read, { size, from: from + at + 1 });
          found.push(...stanzasWith(around, line));
        }
    }
  } finally {
    sys.close(fd);
  }
  return found;
}

/** The bytes from the blank line before a place to that behind it, with both. */
function stanzaBytes(
  read: (from: number, into: Buffer) => Buffer,
  place: { readonly size: number; readonly from: number },
): Buffer {
  for (let reach = AROUND_BYTES; ; reach *= 8) {
    const start = Math.max(0, place.from - reach);
    const bytes = read(start, Buffer.alloc(Math.min(place.size, place.from + reach) - start));
    const at = place.from - start;
    const before = bytes.lastIndexOf(BLANK_LINE, at - 1);
    const end = bytes.indexOf(BLANK_LINE, at);
    const isWhole = (before >= 0 || start === 0) && (end >= 0 || place.from + reach >= place.size);
    if (isWhole) return bytes.subarray(Math.max(0, before), end < 0 ? bytes.length : end + 2);
  }
}
