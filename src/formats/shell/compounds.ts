import { accept, type Cursor, closesTwice, count, expect, fail, isAt, skipBlanks, take } from './cursor.ts';
import type { Branch, CaseArm, Command, List, Part, Word } from './model.ts';
import { readDocuments } from './redirects.ts';
import { expectWord, readArithmetic, readPart, readWord, wordFrom } from './words.ts';

/** A compound command without its place and redirections. */
type Compound = Command extends infer Kind
  ? Kind extends Command
    ? Omit<Kind, 'line' | 'text' | 'redirects'>
    : never
  : never;

/** What ends a word of the grammar: nothing, a blank, an operator, a joined line. */
const BEHIND_KEYWORD = '(?![^ \\t\\n;&|()<>\\\\])';
const KEYWORD = new RegExp(`(?:if|case|while|until|for|select|\\{|\\[\\[)${BEHIND_KEYWORD}`, 'y');
const CLOSING = new RegExp(`(?:then|elif|else|fi|do|done|esac|\\})${BEHIND_KEYWORD}`, 'y');
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** Whether a list ends here: at the end of the text, or at what closes the construct around it. */
export function isAtEndOfList(cursor: Cursor): boolean {
  if (cursor.at >= cursor.text.length || isAt(cursor, ')') || isAt(cursor, ';;') || isAt(cursor, ';&'))
    return true;
  CLOSING.lastIndex = cursor.at;
  return CLOSING.test(cursor.text);
}

/** Blanks, comments and ends of lines, with the here-documents behind them. */
export function skipNewlines(cursor: Cursor): void {
  for (;;) {
    skipBlanks(cursor);
    if (!accept(cursor, '\n')) return;
    readDocuments(cursor);
  }
}

/** The compound command that begins here, or undefined. */
export function readCompound(cursor: Cursor): Compound | undefined {
  if (isAt(cursor, '((') && closesTwice(cursor)) {
    cursor.at += 2;
    return { kind: 'arithmetic', parts: readArithmetic(cursor) };
  }
  if (accept(cursor, '(')) {
    const body = readList(cursor);
    expect(cursor, ')', 'behind the commands of a subshell');
    return { kind: 'subshell', body };
  }
  switch (take(cursor, KEYWORD)?.[0]) {
    case 'if':
      return readIf(cursor);
    case 'case':
      return readCase(cursor);
    case 'while':
      return readLoop(cursor, 'while');
    case 'until':
      return readLoop(cursor, 'until');
    case 'for':
    case 'select':
      return readFor(cursor);
    case '{': {
      const body = readList(cursor);
      expectKeyword(cursor, '}');
      return { kind: 'group', body };
    }
    case '[[':
      return { kind: 'condition', words: readCondition(cursor) };
    default:
      return undefined;
  }
}

/** A list that must not be empty. */
function readList(cursor: Cursor): List {
  const list = cursor.parseList(cursor);
  return list.length === 0 ? fail(cursor, 'a command is missing') : list;
}

function isAtKeyword(cursor: Cursor, keyword: string): boolean {
  const next = cursor.text[cursor.at + keyword.length] ?? '\n';
  return isAt(cursor, keyword) && ' \t\n;&|()<>\\'.includes(next);
}

function acceptKeyword(cursor: Cursor, keyword: string): boolean {
  return isAtKeyword(cursor, keyword) && accept(cursor, keyword);
}

function expectKeyword(cursor: Cursor, keyword: string): void {
  if (!acceptKeyword(cursor, keyword)) fail(cursor, `${keyword} is missing`);
}

/** Behind `if`; each `elif` is one more branch. */
function readIf(cursor: Cursor): Compound {
  const branches: Branch[] = [];
  do {
    const condition = readList(cursor);
    expectKeyword(cursor, 'then');
    branches.push({ condition, body: readList(cursor) });
  } while (acceptKeyword(cursor, 'elif'));
  const otherwise = acceptKeyword(cursor, 'else') ? readList(cursor) : [];
  expectKeyword(cursor, 'fi');
  return { kind: 'if', branches, otherwise };
}

/** Behind `case`. */
function readCase(cursor: Cursor): Compound {
  const subject = expectWord(cursor, 'what case looks at');
  skipNewlines(cursor);
  expectKeyword(cursor, 'in');
  const arms: CaseArm[] = [];
  for (;;) {
    skipNewlines(cursor);
    if (acceptKeyword(cursor, 'esac')) return { kind: 'case', subject, arms };
    accept(cursor, '(');
    const patterns: Word[] = [];
    do patterns.push(readPattern(cursor));
    while (accept(cursor, '|'));
    expect(cursor, ')', 'behind the pattern of a case');
    const body = cursor.parseList(cursor);
    const end = (take(cursor, ARM_END)?.[0] ?? ';;') as CaseArm['end'];
    arms.push({ patterns, body, end });
  }
}

const ARM_END = /;;&|;;|;&/y;

/** A pattern of a `case`, or an operand of `[[`. */
function readPattern(cursor: Cursor): Word {
  count(cursor);
  skipBlanks(cursor);
  const start = cursor.at;
  const parts: Part[] = [];
  let depth = 0;
  // Brackets are of an extended pattern of bash: `@(a|b)`.
  for (;;) {
    if (readPart(cursor, 'word', parts)) continue;
    const next = cursor.text[cursor.at];
    const opens = next === '(' && /[?*+@!]/.test(cursor.text[cursor.at - 1] ?? '');
    if (!opens && (depth === 0 || (next !== ')' && next !== '|'))) break;
    depth += next === '(' ? 1 : next === ')' ? -1 : 0;
    cursor.at += 1;
    parts.push({ kind: 'literal', text: next ?? '', isQuoted: false });
  }
  const word = wordFrom(cursor, start, parts);
  if (word.raw === '') fail(cursor, 'a pattern is missing');
  skipBlanks(cursor);
  return word;
}

function readLoop(cursor: Cursor, keyword: 'while' | 'until'): Compound {
  const condition = readList(cursor);
  return { kind: 'loop', keyword, condition, body: readBody(cursor) };
}

/** Behind `for` or `select`. */
function readFor(cursor: Cursor): Compound {
  skipBlanks(cursor);
  if (isAt(cursor, '((')) {
    cursor.at += 2;
    readArithmetic(cursor);
    skipBlanks(cursor);
    accept(cursor, ';');
    skipNewlines(cursor);
    return { kind: 'for', name: undefined, words: undefined, body: readBody(cursor) };
  }
  const name = take(cursor, NAME)?.[0] ?? fail(cursor, 'the variable of a for is missing');
  skipNewlines(cursor);
  let words: Word[] | undefined;
  if (acceptKeyword(cursor, 'in')) {
    words = [];
    for (skipBlanks(cursor); ; skipBlanks(cursor)) {
      const word = readWord(cursor);
      if (word.raw === '') break;
      words.push(word);
    }
  }
  accept(cursor, ';');
  skipNewlines(cursor);
  return { kind: 'for', name, words, body: readBody(cursor) };
}

function readBody(cursor: Cursor): List {
  expectKeyword(cursor, 'do');
  const body = readList(cursor);
  expectKeyword(cursor, 'done');
  return body;
}

const CONDITION_OPERATOR = /&&|\|\||[()<>]/y;
const REGEX_PLAIN = /[^ \t\n'"`$\\]+/y;

/** Up to and with `]]`. */
function readCondition(cursor: Cursor): Word[] {
  const words: Word[] = [];
  for (;;) {
    skipNewlines(cursor);
    if (acceptKeyword(cursor, ']]')) return words;
    const start = cursor.at;
    const operator = take(cursor, CONDITION_OPERATOR)?.[0];
    if (operator !== undefined)
      words.push(wordFrom(cursor, start, [{ kind: 'literal', text: operator, isQuoted: false }]));
    else words.push(words.at(-1)?.raw === '=~' ? readRegex(cursor) : readPattern(cursor));
  }
}

/** Behind `=~` brackets and bars belong to the word. */
function readRegex(cursor: Cursor): Word {
  const start = cursor.at;
  const parts: Part[] = [];
  for (;;) {
    const plain = take(cursor, REGEX_PLAIN)?.[0];
    if (plain !== undefined) parts.push({ kind: 'literal', text: plain, isQuoted: false });
    else if (!readPart(cursor, 'word', parts)) break;
  }
  return parts.length === 0 ? fail(cursor, 'a [[ does not end') : wordFrom(cursor, start, parts);
}
