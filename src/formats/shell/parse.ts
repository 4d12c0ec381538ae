import { FormatError } from '../../errors/index.ts';
import { readList } from './commands.ts';
import { skipNewlines } from './compounds.ts';
import { fail, openCursor } from './cursor.ts';
import type { List } from './model.ts';

/** The largest one of Debian has 2.2 MiB: the questions of keyboard-configuration. */
const SIZE_MAX = 4 * 1024 * 1024;

/**
 * Parses a script for sh or bash, as POSIX.1-2024 chapter 2 describes it; each character of `text` is a byte, and its first line
 * has the number `firstLine`. FormatError with
 * the line for what a shell refuses, and for more than 4 MiB, 100,000 commands and words, or 100
 * levels. Takes time in proportion to the length.
 */
export function parseShell(text: string, firstLine = 1): List {
  if (text.length > SIZE_MAX) throw new FormatError('shell script', `it is longer than ${SIZE_MAX} bytes`);
  if (text.includes('\0')) throw new FormatError('shell script', 'it holds a NUL byte');
  const cursor = openCursor(text, { depth: 0, parseList: readList, firstLine, size: { nodes: 0 } });
  const list = readList(cursor);
  skipNewlines(cursor);
  if (cursor.at < text.length) fail(cursor, `${JSON.stringify(text[cursor.at])} closes nothing`);
  const [open] = cursor.documents;
  if (open !== undefined) fail(cursor, `the here-document ${JSON.stringify(open.delimiter)} is missing`);
  return list;
}
