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
  for (; i < text.length; i++) {
    const byte = text[i]!;
    if (byte > BACKSLASH) continue;
    if (byte === SPACE) {
      if (field < FIELD_COUNT) ends[field] = i;
      field += 1;
      if (field < FIELD_COUNT) starts[field] = i + 1;
      else if (field === FIELD_COUNT) line.xattrsStart = i + 1;
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

/** An integer field; `name` is for the message. */
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
