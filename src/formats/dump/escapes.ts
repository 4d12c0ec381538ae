import { type ByteString, fromBuffer } from '../bytes/index.ts';

const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r', t: '\t' };

/**
 * Undoes `\\ \n \r \t \xHH` in the bytes from `start` to `end`. Returns undefined for any other escape and for one
 * that is cut off.
 */
export function unescapeBytes(text: Buffer, start: number, end: number): ByteString | undefined {
  let result = '';
  let literal = start;
  for (let i = start; i < end; i++) {
    if (text[i] !== BACKSLASH) continue;
    result += fromBuffer(text, literal, i);
    const letter = i + 1 < end ? String.fromCharCode(text[i + 1]!) : '';
    const short = SHORT_ESCAPES[letter];
    if (short !== undefined) {
      result += short;
      i += 1;
    } else {
      const digits = letter === 'x' && i + 4 <= end ? fromBuffer(text, i + 2, i + 4) : '';
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) return undefined;
      result += String.fromCharCode(Number.parseInt(digits, 16));
      i += 3;
    }
    literal = i + 1;
  }
  return (result + fromBuffer(text, literal, end)) as ByteString;
}

/** Bytes as a C string: they end at the first NUL. */
export function untilNul(bytes: ByteString): ByteString {
  const nul = bytes.indexOf('\0');
  return nul < 0 ? bytes : (bytes.slice(0, nul) as ByteString);
}

/** Escapes what a dump cannot hold literally: backslash and everything outside 0x21..0x7e. */
export function escapeBytes(bytes: ByteString): string {
  return /[^\x21-\x5b\x5d-\x7e]/.test(bytes) ? bytes.replace(/[^\x21-\x5b\x5d-\x7e]/g, escapeByte) : bytes;
}

/** The same for xattr keys and values, where `=` is special too. */
export function escapeXattr(bytes: ByteString): string {
  return /[^\x21-\x3c\x3e-\x5b\x5d-\x7e]/.test(bytes)
    ? bytes.replace(/[^\x21-\x3c\x3e-\x5b\x5d-\x7e]/g, escapeByte)
    : bytes;
}

/** A field where `-` means "not set", which it also is when empty. */
export function escapeOptional(bytes: ByteString): string {
  if (bytes === '') return '-';
  return bytes === '-' ? '\\x2d' : escapeBytes(bytes);
}

function escapeByte(byte: string): string {
  switch (byte) {
    case '\\':
      return '\\\\';
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    case '\t':
      return '\\t';
    default:
      return `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
}

/** Where the first literal `=` is, or -1. */
export function findEquals(text: Buffer, start: number, end: number): number {
  for (let i = start; i < end; i++) if (text[i] === EQUALS) return i;
  return -1;
}
