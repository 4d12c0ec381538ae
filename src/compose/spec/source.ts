import { isUtf8 } from 'node:buffer';
import { type Problem, specInvalid } from './problem.ts';

/** Far above any spec a person writes; a key for signing has about 10 KiB. */
export const MAX_SPEC_BYTES = 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * The text of a spec file without a byte order mark. Throws SPEC_INVALID when it is too large, not UTF-8, or has
 * control characters that YAML does not allow.
 */
export function decodeSpecText(input: Buffer | string, file: string): string {
  const bytes = typeof input === 'string' ? Buffer.from(input, 'utf8') : input;
  const fail = (problem: Omit<Problem, 'file' | 'path'>): never => {
    throw specInvalid([{ ...problem, file, path: '' }]);
  };
  if (bytes.length > MAX_SPEC_BYTES)
    fail({
      kind: 'limit',
      line: 1,
      column: 1,
      reason: `the file has ${bytes.length} bytes; a spec has ${MAX_SPEC_BYTES} at most`,
      hint: 'put large content into a file of its own and name it with `source`',
    });
  if (!isUtf8(bytes))
    fail({
      kind: 'encoding',
      ...firstInvalid(bytes),
      reason: 'the file is not UTF-8 text',
      hint: 'save it as UTF-8',
    });
  const text = (typeof input === 'string' ? input : bytes.toString('utf8')).replace(/^\ufeff/, '');
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(text);
  if (control !== null)
    fail({
      kind: 'encoding',
      ...positionIn(text, control.index),
      reason: `there is a control character (0x${text.charCodeAt(control.index).toString(16).padStart(2, '0')})`,
      hint: 'remove it, or write it as an escape such as "\\x1b" in double quotes',
    });
  return text;
}

function positionIn(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: index - lineStart + 1 };
}

/** Where the first byte is that is not UTF-8. A line feed is never part of a longer sequence. */
function firstInvalid(bytes: Buffer): { line: number; column: number } {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed === -1 ? bytes.length : feed;
    const content = bytes.subarray(start, end);
    if (!isUtf8(content)) return { line, column: firstInvalidColumn(content) };
    start = end + 1;
  }
  throw new Error('every line is UTF-8, but the whole is not');
}

function firstInvalidColumn(line: Buffer): number {
  let offset = 0;
  let column = 1;
  for (const character of line.toString('utf8')) {
    const size = Buffer.byteLength(character);
    if (character === '\ufffd' && !line.subarray(offset, offset + size).equals(Buffer.from(character)))
      return column;
    offset += size;
    column += character.length;
  }
  return column;
}
