import {
  accept,
  type Cursor,
  count,
  fail,
  isAt,
  lineOf,
  nest,
  openCursor,
  skipBlanks,
  take,
} from './cursor.ts';
import { readExpansion } from './expansions.ts';
import type { List, Part, Word } from './model.ts';

const PLAIN = /[^ \t\n;&|()<>'"`$\\]+/y;
const PLAIN_QUOTED = /[^"`$\\]+/y;
const PLAIN_OPERAND = /[^}'"`$\\]+/y;
const PLAIN_TEXT = /[^`$\\]+/y;
const PLAIN_ARITHMETIC = /[^()'"`$\\]+/y;

/** Where a run of parts is, which decides what is special in it. */
export type Place = 'word' | 'quoted' | 'operand' | 'quoted-operand' | 'document' | 'arithmetic';

const PLAIN_AT: Readonly<Record<Place, RegExp>> = {
  word: PLAIN,
  quoted: PLAIN_QUOTED,
  operand: PLAIN_OPERAND,
  'quoted-operand': PLAIN_OPERAND,
  document: PLAIN_TEXT,
  arithmetic: PLAIN_ARITHMETIC,
};

/** One word; an empty one when something else is there. */
export function readWord(cursor: Cursor): Word {
  count(cursor);
  const start = cursor.at;
  const parts: Part[] = [];
  while (cursor.at < cursor.text.length) {
    if (readPart(cursor, 'word', parts)) continue;
    if (!isAt(cursor, '<(') && !isAt(cursor, '>(')) break;
    cursor.at += 1;
    parts.push({ kind: 'process', body: readParenthesized(cursor) });
  }
  return wordFrom(cursor, start, parts);
}

/** A word that has to be there. */
export function expectWord(cursor: Cursor, what: string): Word {
  skipBlanks(cursor);
  const word = readWord(cursor);
  return word.raw === '' ? fail(cursor, `${what} is missing`) : word;
}

/** The word that was read since `start`. */
export function wordFrom(cursor: Cursor, start: number, parts: readonly Part[]): Word {
  return { line: lineOf(cursor, start), raw: cursor.text.slice(start, cursor.at), parts };
}

/** Adds the next part; false when nothing that belongs there follows. */
export function readPart(cursor: Cursor, place: Place, parts: Part[]): boolean {
  const isQuoted = place !== 'word' && place !== 'operand';
  const plain = take(cursor, PLAIN_AT[place]);
  if (plain !== undefined) return append(parts, plain[0], isQuoted);
  switch (cursor.text[cursor.at]) {
    case '\\':
      return readEscape(cursor, place, parts);
    case '$':
      return readDollar(cursor, place, parts);
    case '`':
      parts.push({ kind: 'command', body: readBackquoted(cursor), isQuoted });
      return true;
    case "'":
      if (place === 'word' || place === 'operand') return readSingleQuoted(cursor, parts);
      cursor.at += 1;
      return append(parts, "'", isQuoted);
    case '"':
      if (place === 'quoted') return false;
      return readDoubleQuoted(cursor, parts);
    default:
      return false;
  }
}

function readDollar(cursor: Cursor, place: Place, parts: Part[]): boolean {
  const isQuoted = place !== 'word' && place !== 'operand';
  count(cursor);
  const next = cursor.text[cursor.at + 1];
  if (!isQuoted && next === "'") {
    const end = take(cursor, ANSI_QUOTED) ?? fail(cursor, 'a quote does not end');
    return append(parts, (end[1] ?? '').replace(/\\(.)/gs, '$1'), true);
  }
  if (!isQuoted && next === '"') {
    cursor.at += 1;
    return readDoubleQuoted(cursor, parts);
  }
  const expansion = readExpansion(cursor, {
    isQuoted,
    readOperand: place => readUntilBrace(cursor, place),
    readArithmetic: () => readArithmetic(cursor),
    readCommands: () => readParenthesized(cursor),
  });
  if (expansion !== undefined) {
    parts.push(expansion);
    return true;
  }
  cursor.at += 1;
  return append(parts, '$', isQuoted);
}

const ANSI_QUOTED = /\$'([^'\\]*(?:\\.[^'\\]*)*)'/sy;

/** Within quotes a backslash stays, except before what is special there. */
function readEscape(cursor: Cursor, place: Place, parts: Part[]): boolean {
  const next = cursor.text[cursor.at + 1] ?? '';
  cursor.at = Math.min(cursor.at + 2, cursor.text.length);
  if (next === '\n') return true;
  const isKept = place === 'quoted' || place === 'document' || place === 'arithmetic';
  const isEscape =
    !isKept || next === '$' || next === '`' || next === '\\' || (place === 'quoted' && next === '"');
  return append(parts, isEscape ? next : `\\${next}`, true);
}

function readSingleQuoted(cursor: Cursor, parts: Part[]): boolean {
  const end = cursor.text.indexOf("'", cursor.at + 1);
  if (end < 0) fail(cursor, 'a quote does not end');
  append(parts, cursor.text.slice(cursor.at + 1, end), true);
  cursor.at = end + 1;
  return true;
}

function readDoubleQuoted(cursor: Cursor, parts: Part[]): boolean {
  const start = cursor.at;
  cursor.at += 1;
  append(parts, '', true);
  nest(cursor, () => {
    while (!accept(cursor, '"'))
      if (!readPart(cursor, 'quoted', parts)) fail(cursor, 'a quote does not end', start);
  });
  return true;
}

/** What is behind the operator of `${name...}`, and the bracket. */
function readUntilBrace(cursor: Cursor, place: 'operand' | 'quoted-operand'): Word {
  const start = cursor.at;
  const parts: Part[] = [];
  while (!isAt(cursor, '}')) if (!readPart(cursor, place, parts)) fail(cursor, 'a ${ does not end', start);
  const word = wordFrom(cursor, start, parts);
  cursor.at += 1;
  return word;
}

/** Up to the `))` of a `((` that was read. */
export function readArithmetic(cursor: Cursor): Part[] {
  const start = cursor.at;
  const parts: Part[] = [];
  let depth = 0;
  while (depth > 0 || !isAt(cursor, '))')) {
    if (accept(cursor, '(')) depth += 1;
    else if (depth > 0 && accept(cursor, ')')) depth -= 1;
    else if (!readPart(cursor, 'arithmetic', parts)) fail(cursor, 'a (( does not end', start);
  }
  cursor.at += 2;
  return parts;
}

/** `(LIST)` */
function readParenthesized(cursor: Cursor): List {
  const start = cursor.at;
  cursor.at += 1;
  const body = cursor.parseList(cursor);
  if (!accept(cursor, ')')) fail(cursor, 'a $( does not end', start);
  return body;
}

/** A backslash goes before `$`, a backquote and itself; the rest is a script of its own. */
function readBackquoted(cursor: Cursor): List {
  const start = cursor.at;
  const found = take(cursor, BACKQUOTED) ?? fail(cursor, 'a ` does not end');
  const inner = (found[1] ?? '').replace(/\\([$`\\])/g, '$1');
  return nest(cursor, () => {
    const { depth, parseList, size } = cursor;
    const nested = openCursor(inner, { depth, parseList, size, firstLine: lineOf(cursor, start) });
    const body = parseList(nested);
    if (nested.at < inner.length) fail(nested, 'something is left over before a `');
    return body;
  });
}

const BACKQUOTED = /`([^`\\]*(?:\\.[^`\\]*)*)`/sy;

/** The content of a here-document whose expansions are made. */
export function readDocumentParts(cursor: Cursor): Part[] {
  const parts: Part[] = [];
  while (cursor.at < cursor.text.length)
    if (!readPart(cursor, 'document', parts)) throw new Error('a here-document has a part that is not known');
  return parts;
}

function append(parts: Part[], text: string, isQuoted: boolean): true {
  const last = parts.at(-1);
  if (last?.kind === 'literal' && last.isQuoted === isQuoted)
    parts[parts.length - 1] = { ...last, text: last.text + text };
  else parts.push({ kind: 'literal', text, isQuoted });
  return true;
}
