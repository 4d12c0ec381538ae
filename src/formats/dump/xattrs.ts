import { type ByteString, fromBuffer } from '../bytes/index.ts';
import type { Xattrs } from '../tree/index.ts';
import { findEquals, untilNul } from './escapes.ts';
import { fail, type Line, unescapeOrFail } from './line.ts';

const TEXT_MAX = 65535;
const KEY_MAX = 255;
/** What mkcomposefs allows for all xattrs of one inode, and how it counts. */
const BUDGET = 32767;
const BUDGET_START = 12;
const BUDGET_EACH = 7;
const CACHED_TEXT_MAX = 1024;
const SPACE = 0x20;

/** Xattr texts seen before: equal ones (labels, mostly) share one map. */
export type XattrCache = Map<string, Xattrs>;

/** The xattrs of a line, undefined when it has none. */
export function parseXattrs(line: Line, cache: XattrCache): Xattrs | undefined {
  const { xattrsStart: start, end } = line;
  if (start >= end) return undefined;
  if (end - start > TEXT_MAX) fail(line, `more than ${TEXT_MAX} bytes of xattrs`);
  if (end - start > CACHED_TEXT_MAX) return parseItems(line);
  const text = fromBuffer(line.text, start, end);
  const known = cache.get(text);
  if (known !== undefined) return known;
  const xattrs = parseItems(line);
  cache.set(text, xattrs);
  return xattrs;
}

function parseItems(line: Line): Xattrs {
  const { text, end } = line;
  const xattrs = new Map<ByteString, ByteString>();
  let spent = BUDGET_START;
  for (let start = line.xattrsStart; start < end; ) {
    let stop = start;
    while (stop < end && text[stop] !== SPACE) stop += 1;
    const equals = findEquals(text, start, stop);
    if (equals < 0) fail(line, stop === start ? 'two spaces before an xattr' : 'an xattr without "="');
    const key = untilNul(decode(line, start, equals));
    const value = decode(line, equals + 1, stop);
    if (key.length === 0 || key.length > KEY_MAX)
      fail(line, `an xattr name of ${key.length} bytes, not 1..${KEY_MAX}`);
    const replaced = xattrs.get(key);
    spent +=
      replaced === undefined ? BUDGET_EACH + key.length + value.length : value.length - replaced.length;
    if (spent > BUDGET) fail(line, `xattrs that take more than ${BUDGET} bytes`);
    xattrs.set(key, value);
    start = stop + 1;
  }
  return xattrs;
}

function decode(line: Line, start: number, end: number): ByteString {
  const bytes = fromBuffer(line.text, start, end);
  return bytes.includes('\\') ? unescapeOrFail(line, start, end) : bytes;
}
