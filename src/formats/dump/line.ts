import { FormatError } from '../../errors/index.ts';
import { type ByteString, fromBuffer } from '../bytes/index.ts';
import { unescapeBytes } from './escapes.ts';
import { parseUnsigned } from './integers.ts';

/** Positional fields of a dump line, in their order. */
export const FIELD = {
  path: 0,
  size: 1,
  mode: 2,
  nlink: 3,
  uid: 4,
  gid: 5,
  rdev: 6,
  mtime: 7,
  payload: 8,
  content: 9,
  digest: 10,
} as const;

const FIELD_COUNT = 11;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const DASH = 0x2d;
const SLASH = 0x2f;

/** The line being read: where its fields are in the text. One object serves for all lines. */
export interface Line {
  readonly text: Buffer;
  /** Counts from 1. */
  number: number;
  /** Offsets of the 11 fields; those that a line lacks are empty at its end. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Bit i is set when field i has a backslash. */
  escaped: number;
  /**
   * Length of a payload that has the form of an object path (65 or 129), else 0; and whether the digest is the one
   * in it. Most lines of real dumps are so, and then these fields need no second look.
   */
  objectPathBytes: number;
  isObject: boolean;
  /** Where the xattr items begin; the end of the line when there are none. */
  xattrsStart: number;
  end: number;
}

export function openLines(text: Buffer): Line {
  return {
    text,
    number: 0,
    starts: new Int32Array(FIELD_COUNT),
    ends: new Int32Array(FIELD_COUNT),
    escaped: 0,
    objectPathBytes: 0,
    isObject: false,
    xattrsStart: 0,
    end: -1,
  };
}

/** Goes to the next line and splits it. False at the end of the text; an error for a blank line or a NUL byte. */
export function nextLine(line: Line): boolean {
  const { text, starts, ends } = line;
  const start = line.end + 1;
  if (start >= text.length) return false;
  line.number += 1;
  let field = 0;
  let escaped = 0;
  let i = start;
  starts[0] = start;
  line.objectPathBytes = 0;
  line.isObject = false;
  for (; i < text.length; i++) {
    const byte = text[i]!;
    if (byte > BACKSLASH) continue;
    if (byte === SPACE) {
      if (field < FIELD_COUNT) ends[field] = i;
      field += 1;
      if (field < FIELD_COUNT) {
        starts[field] = i + 1;
        if (field === FIELD.payload) {
          line.objectPathBytes = objectPathBytes(text, i + 1);
          i += line.objectPathBytes;
        } else if (field === FIELD.digest && line.objectPathBytes > 0) i += skipObjectDigest(line, i + 1);
      } else if (field === FIELD_COUNT) line.xattrsStart = i + 1;
    } else if (byte === NEWLINE) break;
    else if (byte === BACKSLASH) escaped |= 1 << field;
    else if (byte === 0) fail(line, 'a NUL byte');
  }
  if (i === start) fail(line, 'a blank line');
  line.end = i;
  line.escaped = escaped;
  if (field < FIELD_COUNT) {
    ends[field] = i;
    for (let missing = field + 1; missing < FIELD_COUNT; missing++) starts[missing] = ends[missing] = i;
    line.xattrsStart = i;
  }
  return true;
}

/** The length of an object path and nothing else between `start` and a space; 0 where there is none. */
function objectPathBytes(text: Buffer, start: number): number {
  if (text[start + 2] !== SLASH) return 0;
  let end = start;
  while (isLowerHex(text[end]) || end === start + 2) end += 1;
  const length = end - start;
  return text[end] === SPACE && (length === 65 || length === 129) ? length : 0;
}

/** The length of the digest at `start` when the payload is its object path, else 0. */
function skipObjectDigest(line: Line, start: number): number {
  const { text } = line;
  const payload = line.starts[FIELD.payload]!;
  const length = line.objectPathBytes - 1;
  if (text[start] !== text[payload] || text[start + 1] !== text[payload + 1]) return 0;
  for (let i = 2; i < length; i++) if (text[start + i] !== text[payload + 1 + i]) return 0;
  const next = text[start + length];
  line.isObject = next === undefined || next === SPACE || next === NEWLINE;
  return line.isObject ? length : 0;
}

function isLowerHex(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66));
}

/** An integer field. */
export function integerField(line: Line, field: number, radix: 8 | 10): number | bigint {
  return integer(line, line.starts[field]!, line.ends[field]!, { radix, field });
}

/** An integer in part of a field. */
export function integer(
  line: Line,
  start: number,
  end: number,
  as: { radix: 8 | 10; field: number },
): number | bigint {
  const value = parseUnsigned(line.text, start, end, as.radix);
  if (value !== undefined) return value;
  const name = Object.keys(FIELD)[as.field];
  return fail(line, `${name} is not ${as.radix === 8 ? 'an octal' : 'a decimal'} number`);
}

/** The bytes of a field, unescaped. */
export function bytesField(line: Line, field: number): ByteString {
  const start = line.starts[field]!;
  const end = line.ends[field]!;
  return line.escaped & (1 << field) ? unescapeOrFail(line, start, end) : fromBuffer(line.text, start, end);
}

/** Whether a field is `-`, which stands for nothing. */
export function isUnset(line: Line, field: number): boolean {
  const start = line.starts[field]!;
  return line.ends[field] === start + 1 && line.text[start] === DASH;
}

export function unescapeOrFail(line: Line, start: number, end: number): ByteString {
  return unescapeBytes(line.text, start, end) ?? fail(line, 'a backslash that begins no known escape');
}

/** Throws the FormatError for this line. */
export function fail(line: Line, reason: string): never {
  throw new FormatError('composefs dump', reason, { line: line.number });
}
