import { isAtEndOfList, readCompound, skipNewlines } from './compounds.ts';
import {
  accept,
  type Cursor,
  count,
  fail,
  isAt,
  lineOf,
  nest,
  skipBlanks,
  take,
  textSince,
} from './cursor.ts';
import type { AndOrCommand, Assignment, Command, List, Part, Redirect, Word } from './model.ts';
import { readRedirect } from './redirects.ts';
import { readWord, wordFrom } from './words.ts';

/** Commands up to the end of the text, or to what closes the construct around them. */
export function readList(cursor: Cursor): List {
  return nest(cursor, () => {
    const commands: Command[] = [];
    for (skipNewlines(cursor); !isAtEndOfList(cursor); skipNewlines(cursor)) {
      const command = readAndOr(cursor);
      skipBlanks(cursor);
      if (isAt(cursor, '&')) {
        cursor.at += 1;
        const { line, text } = command;
        commands.push({ kind: 'background', line, text, redirects: [], command });
        continue;
      }
      commands.push(command);
      if (isAt(cursor, ';;') || isAt(cursor, ';&')) break;
      if (!accept(cursor, ';') && !isAt(cursor, '\n') && !isAtEndOfList(cursor))
        fail(cursor, `${JSON.stringify(cursor.text[cursor.at])} was not expected`);
    }
    return commands;
  });
}

/** Pipelines that `&&` and `||` join. */
function readAndOr(cursor: Cursor): Command {
  const start = cursor.at;
  const first = readPipeline(cursor);
  const rest: AndOrCommand['rest'][number][] = [];
  for (;;) {
    skipBlanks(cursor);
    const operator = accept(cursor, '&&') ? '&&' : accept(cursor, '||') ? '||' : undefined;
    if (operator === undefined) break;
    skipNewlines(cursor);
    rest.push({ operator, command: readPipeline(cursor) });
  }
  if (rest.length === 0) return first;
  return { kind: 'and-or', ...placeFrom(cursor, start), redirects: [], first, rest };
}

const NEGATION = /!(?![^ \t\n(\\])/y;
/** bash's `time` measures a pipeline. */
const TIME = /time(?: -p)?(?=[ \t]+[^-;&|<> \t\n])/y;

function readPipeline(cursor: Cursor): Command {
  skipBlanks(cursor);
  const start = cursor.at;
  if (take(cursor, NEGATION) !== undefined) {
    const command = nest(cursor, () => readPipeline(cursor));
    return { kind: 'not', ...placeFrom(cursor, start), redirects: [], command };
  }
  if (take(cursor, TIME) !== undefined) skipBlanks(cursor);
  const parts = [readCommand(cursor)];
  for (;;) {
    skipBlanks(cursor);
    if (isAt(cursor, '||') || !accept(cursor, '|')) break;
    accept(cursor, '&');
    skipNewlines(cursor);
    parts.push(readCommand(cursor));
  }
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return { kind: 'pipeline', ...placeFrom(cursor, start), redirects: [], parts };
}

/** A compound command with its redirections, a function, or a simple command. */
function readCommand(cursor: Cursor): Command {
  count(cursor);
  skipBlanks(cursor);
  const start = cursor.at;
  const compound = nest(cursor, () => readCompound(cursor) ?? readFunction(cursor));
  if (compound === undefined) return readSimple(cursor);
  const redirects: Redirect[] = [];
  for (skipBlanks(cursor); ; skipBlanks(cursor)) {
    const redirect = readRedirect(cursor);
    if (redirect === undefined) break;
    redirects.push(redirect);
  }
  return { ...compound, ...placeFrom(cursor, start), redirects };
}

/** `name ()`, and `function name` of bash. */
const FUNCTION =
  /(?:function[ \t]+([^ \t\n;&|()<>'"`$\\]+)(?:[ \t]*\([ \t]*\))?|([^ \t\n;&|()<>'"`$\\=]+)[ \t]*\([ \t]*\))/y;

function readFunction(cursor: Cursor) {
  const found = take(cursor, FUNCTION);
  if (found === undefined) return undefined;
  skipNewlines(cursor);
  const body = readCommand(cursor);
  if (body.kind === 'simple') fail(cursor, 'the body of a function is missing');
  return { kind: 'function' as const, name: found[1] ?? found[2] ?? '', body };
}

function readSimple(cursor: Cursor): Command {
  const start = cursor.at;
  if (isAtEndOfList(cursor)) fail(cursor, 'a command is missing');
  const assignments: Assignment[] = [];
  const words: Word[] = [];
  const redirects: Redirect[] = [];
  for (;;) {
    skipBlanks(cursor);
    const redirect = readRedirect(cursor);
    if (redirect !== undefined) {
      redirects.push(redirect);
      continue;
    }
    const assignment = words.length === 0 ? readAssignment(cursor) : undefined;
    if (assignment !== undefined) {
      assignments.push(assignment);
      continue;
    }
    const word = readWord(cursor);
    if (word.raw === '') break;
    words.push(
      isAt(cursor, '(') && /^[A-Za-z_][A-Za-z0-9_]*\+?=$/.test(word.raw) ? readArray(cursor, word) : word,
    );
  }
  if (assignments.length + words.length + redirects.length === 0) fail(cursor, 'a command is missing');
  return { kind: 'simple', ...placeFrom(cursor, start), redirects, assignments, words };
}

/** `x=`, `x+=`, and `x[1]=` of bash. */
const ASSIGNMENT = /([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\n]*\])?(\+)?=/y;

function readAssignment(cursor: Cursor): Assignment | undefined {
  const found = take(cursor, ASSIGNMENT);
  if (found === undefined) return undefined;
  const isArray = isAt(cursor, '(');
  const value = isArray ? readArray(cursor, wordFrom(cursor, cursor.at, [])) : readWord(cursor);
  return {
    name: found[1] ?? '',
    isPartial: isArray || found[2] !== undefined || found[3] !== undefined,
    value,
  };
}

/** `(WORD ...)` of bash, as one word of all their parts. */
function readArray(cursor: Cursor, before: Word): Word {
  const start = cursor.at;
  const parts: Part[] = [...before.parts];
  cursor.at += 1;
  for (skipNewlines(cursor); !accept(cursor, ')'); skipNewlines(cursor)) {
    const word = readWord(cursor);
    if (word.raw === '') fail(cursor, 'an array does not end', start);
    for (const part of word.parts) parts.push(part);
  }
  return { line: before.line, raw: before.raw + cursor.text.slice(start, cursor.at), parts };
}

function placeFrom(cursor: Cursor, start: number): { line: number; text: string } {
  return { line: lineOf(cursor, start), text: textSince(cursor, start) };
}
