import { FormatError } from '../../errors/index.ts';
import type { List, Redirect } from './model.ts';

/** Deeper nesting is refused, so that hostile input cannot use up the stack. */
const DEPTH_MAX = 100;
/** Commands, words and expansions; scripts of Debian have up to 5,000. */
const NODES_MAX = 100_000;

/** A here-document whose content comes after the end of the line. */
export interface PendingDocument {
  readonly redirect: { -readonly [Key in keyof Redirect]: Redirect[Key] };
  readonly delimiter: string;
  readonly isQuoted: boolean;
}

/** A place in a text that is being parsed. */
export interface Cursor {
  readonly text: string;
  at: number;
  /** Where `skipBlanks` moved last. */
  blank: { readonly from: number; readonly to: number };
  /** Of nested constructs. */
  depth: number;
  readonly documents: PendingDocument[];
  /** How the language nests commands within words. */
  readonly parseList: (cursor: Cursor) => List;
  /** What was read so far of the whole script. */
  readonly size: { nodes: number };
  readonly firstLine: number;
  /** Offsets of all newlines. */
  readonly newlines: readonly number[];
}

/** At the beginning of a text: a script, or a part of one that is parsed apart. */
export function openCursor(
  text: string,
  from: Pick<Cursor, 'depth' | 'parseList' | 'firstLine' | 'size'>,
): Cursor {
  const newlines: number[] = [];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) newlines.push(i);
  const { depth, parseList, firstLine, size } = from;
  return {
    text,
    at: 0,
    blank: { from: 0, to: 0 },
    depth,
    documents: [],
    parseList,
    firstLine,
    size,
    newlines,
  };
}

/** The line of an offset in the whole script. */
export function lineOf({ newlines, firstLine }: Cursor, at: number): number {
  let low = 0;
  let high = newlines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((newlines[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return firstLine + low;
}

/** `reason` may quote the text; it is cut. */
export function fail(cursor: Cursor, reason: string, at = cursor.at): never {
  throw new FormatError('shell script', reason.slice(0, REASON_MAX), { line: lineOf(cursor, at) });
}

/** Counts a node of the tree; the memory that a tree takes is bounded by them. */
export function count(cursor: Cursor): void {
  cursor.size.nodes += 1;
  if (cursor.size.nodes > NODES_MAX) fail(cursor, `it has more than ${NODES_MAX} commands and words`);
}

const REASON_MAX = 120;

/** Runs `parse` one level deeper. */
export function nest<T>(cursor: Cursor, parse: () => T): T {
  cursor.depth += 1;
  if (cursor.depth > DEPTH_MAX) fail(cursor, `it is nested more than ${DEPTH_MAX} levels deep`);
  const result = parse();
  cursor.depth -= 1;
  return result;
}

/** `pattern` must be sticky. */
export function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found === null) return undefined;
  cursor.at += found[0].length;
  return found;
}

/** Whether a text is next. */
export function isAt(cursor: Cursor, text: string): boolean {
  return cursor.text.startsWith(text, cursor.at);
}

/** Moves behind a text, if it is next. */
export function accept(cursor: Cursor, text: string): boolean {
  if (!isAt(cursor, text)) return false;
  cursor.at += text.length;
  return true;
}

/** Moves behind a text that has to be next. */
export function expect(cursor: Cursor, text: string, where: string): void {
  if (!accept(cursor, text)) fail(cursor, `${JSON.stringify(text)} is missing ${where}`);
}

const BLANKS = /(?:[ \t]|\\\n)+/y;
const COMMENT = /#[^\n]*/y;

/** Blanks, joined lines, and a comment. */
export function skipBlanks(cursor: Cursor): void {
  const from = cursor.at;
  take(cursor, BLANKS);
  take(cursor, COMMENT);
  if (cursor.at > from) cursor.blank = { from, to: cursor.at };
}

/** What was read since `start`, without the blanks that were skipped last. */
export function textSince({ text, at, blank }: Cursor, start: number): string {
  return text.slice(start, at === blank.to ? Math.max(blank.from, start) : at);
}

/** Longer expressions are taken for commands, so that looking for their end costs little. */
const ARITHMETIC_MAX = 1024;

/**
 * Whether the brackets of a `((` at the cursor close as `))`. What is quoted does not count. Settles `$((`, which may
 * be an expression or a subshell in a substitution.
 */
export function closesTwice(cursor: Cursor): boolean {
  const text = cursor.text.slice(cursor.at, cursor.at + ARITHMETIC_MAX);
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (c === '\\') i += 1;
    else if (c === "'" || c === '"') {
      for (i += 1; text[i] !== c; i += 1) {
        if (i >= text.length) return false;
        if (c === '"' && text[i] === '\\') i += 1;
      }
    } else if (c === '(') depth += 1;
    else if (c === ')') {
      depth -= 1;
      if (depth === 1) return text[i + 1] === ')';
    }
  }
  return false;
}
