import { FormatError } from '../../../errors/index.ts';

/** A word of a script. */
export interface Word {
  readonly kind: 'word';
  /** As written. */
  readonly raw: string;
  /** What it expands to when `$1` is `install` and there is no `$2`; undefined when that is not known here. */
  readonly value: string | undefined;
  /** Whether it disappears: an expansion to nothing outside quotes. */
  readonly isGone: boolean;
  /** Whether expanding it runs a command. */
  readonly runsCommand: boolean;
}

export type Token = Word | { readonly kind: 'operator'; readonly text: string; readonly at: number };

const OPERATOR = /;;|&&|\|\||<<-|<<|>>|>&|<&|<>|>\||[;&|()<>\n]/y;
const BLANK = /(?:[ \t\r]|\\\n)+/y;
const COMMENT = /#[^\n]*/y;
const POSITIONAL = /\$(?:([12])|\{([12])(?::?-)?\})/y;
const PARAMETER = /\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]|\{[^}`"'\\(?{]*\})/y;
/** `$1` to `$9` of a preinst that runs as `preinst install`. */
const ARGUMENTS: Readonly<Record<string, string>> = { '1': 'install', '2': '' };

interface Scanner {
  readonly text: string;
  at: number;
}

/**
 * The tokens of a shell script, as far as this recogniser knows the language: FormatError with the line for anything else,
 * which its caller takes as "not known".
 */
export function tokenize(text: string): Token[] {
  const scanner: Scanner = { text, at: 0 };
  const tokens: Token[] = [];
  const documents: string[] = [];
  while (scanner.at < text.length) {
    if (take(scanner, BLANK) !== undefined || take(scanner, COMMENT) !== undefined) continue;
    const { at } = scanner;
    const operator = take(scanner, OPERATOR)?.[0];
    if (operator === undefined) tokens.push(readWord(scanner));
    else tokens.push({ kind: 'operator', text: operator, at });
    if (operator === '<<' || operator === '<<-') documents.push(readDelimiter(scanner, tokens));
    if (operator === '\n') for (const delimiter of documents.splice(0)) skipDocument(scanner, delimiter);
  }
  tokens.push({ kind: 'operator', text: '\n', at: text.length });
  return tokens;
}

function readDelimiter(scanner: Scanner, tokens: Token[]): string {
  take(scanner, BLANK);
  const word = readWord(scanner);
  tokens.push({ ...word, value: undefined });
  return word.value ?? unknown(scanner, 'the end of a here-document');
}

/** What it holds is never used: a command that reads it counts as doing something. */
function skipDocument(scanner: Scanner, delimiter: string): void {
  for (;;) {
    const end = scanner.text.indexOf('\n', scanner.at);
    if (end < 0) unknown(scanner, 'a here-document that does not end');
    const line = scanner.text.slice(scanner.at, end);
    scanner.at = end + 1;
    if (line.replace(/^\t+/, '') === delimiter) return;
  }
}

interface Building {
  value: string | undefined;
  isQuoted: boolean;
  hasLiteral: boolean;
  runsCommand: boolean;
}

function readWord(scanner: Scanner): Word {
  const start = scanner.at;
  const word: Building = { value: '', isQuoted: false, hasLiteral: false, runsCommand: false };
  for (let c = scanner.text[scanner.at]; c !== undefined && !/[ \t\r\n;&|()<>]/.test(c); ) {
    if (c === "'") readSingleQuoted(scanner, word);
    else if (c === '"') readDoubleQuoted(scanner, word);
    else readPiece(scanner, word);
    c = scanner.text[scanner.at];
  }
  const { value, isQuoted, hasLiteral, runsCommand } = word;
  const isGone = value === '' && !isQuoted && !hasLiteral;
  return { kind: 'word', raw: scanner.text.slice(start, scanner.at), value, isGone, runsCommand };
}

function readSingleQuoted(scanner: Scanner, word: Building): void {
  const end = scanner.text.indexOf("'", scanner.at + 1);
  if (end < 0) unknown(scanner, 'a quote that does not end');
  append(word, scanner.text.slice(scanner.at + 1, end));
  word.isQuoted = true;
  scanner.at = end + 1;
}

function readDoubleQuoted(scanner: Scanner, word: Building): void {
  scanner.at += 1;
  word.isQuoted = true;
  while (scanner.text[scanner.at] !== '"') {
    if (scanner.at >= scanner.text.length) unknown(scanner, 'a quote that does not end');
    readPiece(scanner, word);
  }
  scanner.at += 1;
}

/** An escape, an expansion or one character. */
function readPiece(scanner: Scanner, word: Building): void {
  const c = scanner.text[scanner.at] ?? '';
  if (c === '\\') {
    append(word, scanner.text[scanner.at + 1] ?? '');
    scanner.at += 2;
    return;
  }
  if (c === '`' || scanner.text.startsWith('$(', scanner.at)) {
    skipCommandSubstitution(scanner);
    word.value = undefined;
    word.runsCommand = true;
    return;
  }
  if (c === '$') {
    const positional = take(scanner, POSITIONAL);
    if (positional !== undefined) {
      const value = ARGUMENTS[positional[1] ?? positional[2] ?? ''];
      word.value = word.value === undefined || value === undefined ? undefined : word.value + value;
      return;
    }
    if (take(scanner, PARAMETER) === undefined) unknown(scanner, 'an expansion');
    word.value = undefined;
    return;
  }
  append(word, c);
  scanner.at += 1;
}

/** Whatever it is, it runs something: only its end matters. */
function skipCommandSubstitution(scanner: Scanner): void {
  const { text } = scanner;
  if (text[scanner.at] === '`') {
    const end = /[^\\]`/g;
    end.lastIndex = scanner.at;
    if (!end.test(text)) unknown(scanner, 'a ` that does not end');
    scanner.at = end.lastIndex;
    return;
  }
  let depth = 0;
  for (scanner.at += 1; scanner.at < text.length; scanner.at += 1) {
    const c = text[scanner.at];
    if (c === '#' && /\s/.test(text[scanner.at - 1] ?? ''))
      unknown(scanner, 'a comment in a command substitution');
    if (c === '\\') scanner.at += 1;
    if (c === "'" || c === '"') skipQuoted(scanner, c);
    if (c === '(') depth += 1;
    if (c === ')') depth -= 1;
    if (depth === 0) {
      scanner.at += 1;
      return;
    }
  }
  unknown(scanner, 'a $( that does not end');
}

/** Up to the closing quote; a command substitution inside of it could have quotes of its own. */
function skipQuoted(scanner: Scanner, quote: string): void {
  const { text } = scanner;
  for (scanner.at += 1; text[scanner.at] !== quote; scanner.at += 1) {
    const c = text[scanner.at];
    if (c === undefined) unknown(scanner, 'a quote that does not end');
    if (quote === '"' && (c === '`' || text.startsWith('$(', scanner.at)))
      unknown(scanner, 'a command substitution inside another');
    if (quote === '"' && c === '\\') scanner.at += 1;
  }
}

function append(word: Building, text: string): void {
  word.hasLiteral = true;
  if (word.value !== undefined) word.value += text;
}

function take(scanner: Scanner, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = scanner.at;
  const found = pattern.exec(scanner.text);
  if (found === null) return undefined;
  scanner.at += found[0].length;
  return found;
}

function unknown(scanner: Scanner, what: string): never {
  throw new FormatError('shell script', `${what} is not followed`, {
    line: lineOf(scanner.text, scanner.at),
  });
}

/** Counted from 1. */
export function lineOf(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line += 1;
  return line;
}
