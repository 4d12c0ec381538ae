import type { ByteString } from '../bytes/index.ts';

/** The continued lines of a value without the blank they begin with: those of `Conffiles`, `Checksums-Sha256`, a Release. */
export function fieldLines(value: ByteString): ByteString[] {
  const [, ...lines] = value.split('\n');
  return lines.map(line => line.slice(1) as ByteString);
}

/** A value of continued lines under an empty first one; `''` for none. No line may be blank. */
export function joinFieldLines(lines: readonly ByteString[]): ByteString {
  return lines.map(line => `\n ${line}`).join('') as ByteString;
}

/** Text of a Description: its one-line summary, and its lines with ` .` as the empty line. */
export function parseDescription(value: ByteString): {
  readonly summary: ByteString;
  readonly lines: ByteString[];
} {
  const [summary = ''] = value.split('\n', 1);
  const lines = fieldLines(value).map(line => (line === '.' ? ('' as ByteString) : line));
  return { summary: summary as ByteString, lines };
}

/** The words of a value that is a list with blanks or newlines between: `Suites`, `Components`, `Architectures`. */
export function parseWords(value: ByteString): ByteString[] {
  return value.split(/[ \t\r\n]+/).filter(word => word !== '') as ByteString[];
}
