import { type Cursor, fail, lineOf, openCursor, take } from './cursor.ts';
import type { Part, Redirect, Word } from './model.ts';
import { expectWord, readDocumentParts } from './words.ts';

/** `<(` and `>(` begin a word of bash. */
const REDIRECT = /(\d+|\{[A-Za-z_][A-Za-z0-9_]*\})?(<<<|<<-|<<|<&|<>|<(?!\()|>>|>&|>\||>(?!\())|(&>>|&>)/y;

/** The next redirection, or undefined. */
export function readRedirect(cursor: Cursor): Redirect | undefined {
  const start = cursor.at;
  const found = take(cursor, REDIRECT);
  if (found === undefined) return undefined;
  const operator = found[2] ?? found[3] ?? '';
  const target = expectWord(cursor, `the target of ${operator}`);
  const redirect = {
    line: lineOf(cursor, start),
    descriptor: found[1],
    operator,
    target,
    document: undefined,
  };
  if (operator === '<<' || operator === '<<-') cursor.documents.push({ redirect, ...delimiterOf(target) });
  return redirect;
}

/** Expansions in it are not made: `$x` is the text `$x`. */
function delimiterOf({ parts, raw }: Word): { delimiter: string; isQuoted: boolean } {
  const isQuoted = /['"\\]/.test(raw);
  const isPlain = parts.every(part => part.kind === 'literal');
  const texts = parts.map(part => (part.kind === 'literal' ? part.text : ''));
  return { delimiter: isPlain ? texts.join('') : raw.replace(/['"\\]/g, ''), isQuoted };
}

/** Reads the contents of here-documents; at the beginning of a line. */
export function readDocuments(cursor: Cursor): void {
  for (const { redirect, delimiter, isQuoted } of cursor.documents.splice(0)) {
    const start = cursor.at;
    const stripsTabs = redirect.operator === '<<-';
    const end = endOfDocument(cursor, delimiter, stripsTabs);
    const written = cursor.text.slice(start, end);
    const text = stripsTabs ? written.replace(/^\t+/gm, '') : written;
    const line = lineOf(cursor, start);
    redirect.document = {
      line,
      raw: written,
      parts: isQuoted ? literal(text) : expanded(cursor, text, line),
    };
  }
}

/** Leaves the cursor behind the line that ends the document. */
function endOfDocument(cursor: Cursor, delimiter: string, stripsTabs: boolean): number {
  const { text } = cursor;
  while (cursor.at < text.length) {
    const start = cursor.at;
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    cursor.at = Math.min(end + 1, text.length);
    if ((stripsTabs ? line.replace(/^\t+/, '') : line) === delimiter) return start;
  }
  return fail(cursor, `a here-document does not end with ${JSON.stringify(delimiter)}`);
}

function literal(text: string): Part[] {
  return [{ kind: 'literal', text, isQuoted: true }];
}

function expanded(cursor: Cursor, text: string, firstLine: number): Part[] {
  const { depth, parseList, size } = cursor;
  return readDocumentParts(openCursor(text, { depth: depth + 1, parseList, size, firstLine }));
}
