import { FormatError } from '../../../errors/index.ts';
import { lineOf, type Token, tokenize, type Word } from './tokens.ts';

export interface Redirect {
  readonly operator: string;
  readonly target: Word;
}

export interface SimpleCommand {
  readonly kind: 'simple';
  readonly assignments: readonly Word[];
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
}

export interface CaseArm {
  readonly patterns: readonly Word[];
  readonly body: List;
}

/** A command of a shell script, as far as a preinst needs it. */
export type Command =
  | SimpleCommand
  | { readonly kind: 'and' | 'or'; readonly left: Command; readonly right: Command }
  | { readonly kind: 'not'; readonly command: Command }
  | { readonly kind: 'pipeline'; readonly parts: readonly Command[] }
  | { readonly kind: 'if'; readonly condition: List; readonly then: List; readonly otherwise: List }
  | { readonly kind: 'case'; readonly subject: Word; readonly arms: readonly CaseArm[] }
  | { readonly kind: 'group' | 'subshell'; readonly body: List; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'loop' }
  | { readonly kind: 'function'; readonly name: string };

export type List = readonly Command[];

interface Parser {
  readonly text: string;
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
}

const DEPTH_MAX = 100;
const RESERVED = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}', 'in']);
const REDIRECTION = new Set(['<', '>', '>>', '>&', '<&', '<>', '>|', '<<', '<<-']);
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;

/** Parses a script; FormatError with the line for what is not known. */
export function parseScript(text: string): List {
  const parser: Parser = { text, tokens: tokenize(text), at: 0, depth: 0 };
  const list = parseList(parser);
  if (parser.at < parser.tokens.length) fail(parser);
  return list;
}

function parseList(parser: Parser): List {
  parser.depth += 1;
  if (parser.depth > DEPTH_MAX) fail(parser);
  const commands: Command[] = [];
  skipSeparators(parser);
  while (!atEndOfList(parser)) {
    commands.push(parseAndOr(parser));
    if (isOperator(parser, ';') || isOperator(parser, '\n')) skipSeparators(parser);
    else if (!atEndOfList(parser)) fail(parser);
  }
  parser.depth -= 1;
  return commands;
}

function atEndOfList(parser: Parser): boolean {
  const token = parser.tokens[parser.at];
  if (token === undefined) return true;
  return token.kind === 'operator' ? token.text === ';;' || token.text === ')' : RESERVED.has(token.raw);
}

function parseAndOr(parser: Parser): Command {
  let left = parsePipeline(parser);
  for (let length = 0; ; length += 1) {
    if (length > DEPTH_MAX) fail(parser);
    const kind = isOperator(parser, '&&') ? 'and' : isOperator(parser, '||') ? 'or' : undefined;
    if (kind === undefined) return left;
    parser.at += 1;
    skipNewlines(parser);
    left = { kind, left, right: parsePipeline(parser) };
  }
}

function parsePipeline(parser: Parser): Command {
  if (takeWord(parser, '!')) {
    if (isWord(parser, '!')) fail(parser);
    return { kind: 'not', command: parsePipeline(parser) };
  }
  const parts = [parseCommand(parser)];
  while (isOperator(parser, '|')) {
    parser.at += 1;
    skipNewlines(parser);
    parts.push(parseCommand(parser));
  }
  return parts.length === 1 ? (parts[0] as Command) : { kind: 'pipeline', parts };
}

function parseCommand(parser: Parser): Command {
  if (takeWord(parser, 'if')) return parseIf(parser);
  if (takeWord(parser, 'case')) return parseCase(parser);
  if (takeWord(parser, 'while') || takeWord(parser, 'until')) return parseLoop(parser);
  if (takeWord(parser, 'for')) return parseFor(parser);
  if (takeWord(parser, '{')) {
    const body = parseList(parser);
    expectWord(parser, '}');
    return { kind: 'group', body, redirects: parseRedirects(parser) };
  }
  if (isOperator(parser, '(')) {
    parser.at += 1;
    const body = parseList(parser);
    expectOperator(parser, ')');
    return { kind: 'subshell', body, redirects: parseRedirects(parser) };
  }
  return parseFunction(parser) ?? parseSimple(parser);
}

/** Behind `if` or `elif`. */
function parseIf(parser: Parser): Command {
  const condition = parseList(parser);
  expectWord(parser, 'then');
  const then = parseList(parser);
  if (takeWord(parser, 'elif')) {
    parser.depth += 1;
    const rest = parseIf(parser);
    parser.depth -= 1;
    return { kind: 'if', condition, then, otherwise: [rest] };
  }
  const otherwise = takeWord(parser, 'else') ? parseList(parser) : [];
  expectWord(parser, 'fi');
  return { kind: 'if', condition, then, otherwise };
}

function parseCase(parser: Parser): Command {
  const subject = nextWord(parser);
  skipNewlines(parser);
  expectWord(parser, 'in');
  const arms: CaseArm[] = [];
  skipNewlines(parser);
  while (!takeWord(parser, 'esac')) {
    if (isOperator(parser, '(')) parser.at += 1;
    const patterns = [nextWord(parser)];
    while (isOperator(parser, '|')) {
      parser.at += 1;
      patterns.push(nextWord(parser));
    }
    expectOperator(parser, ')');
    arms.push({ patterns, body: parseList(parser) });
    if (isOperator(parser, ';;')) parser.at += 1;
    skipNewlines(parser);
  }
  return { kind: 'case', subject, arms };
}

function parseLoop(parser: Parser): Command {
  parseList(parser);
  return parseBody(parser);
}

function parseFor(parser: Parser): Command {
  nextWord(parser);
  skipNewlines(parser);
  if (takeWord(parser, 'in')) while (parser.tokens[parser.at]?.kind === 'word') parser.at += 1;
  skipSeparators(parser);
  return parseBody(parser);
}

function parseBody(parser: Parser): Command {
  expectWord(parser, 'do');
  parseList(parser);
  expectWord(parser, 'done');
  parseRedirects(parser);
  return { kind: 'loop' };
}

function parseFunction(parser: Parser): Command | undefined {
  const [name, open, close] = parser.tokens.slice(parser.at, parser.at + 3);
  const isOpen = open?.kind === 'operator' && open.text === '(';
  const isClose = close?.kind === 'operator' && close.text === ')';
  if (name?.kind !== 'word' || !isOpen || !isClose) return undefined;
  parser.at += 3;
  skipNewlines(parser);
  parser.depth += 1;
  if (parser.depth > DEPTH_MAX) fail(parser);
  parseCommand(parser);
  parser.depth -= 1;
  return { kind: 'function', name: name.raw };
}

function parseSimple(parser: Parser): SimpleCommand {
  const assignments: Word[] = [];
  const words: Word[] = [];
  const redirects: Redirect[] = [];
  for (;;) {
    const found = parseRedirects(parser);
    redirects.push(...found);
    const token = parser.tokens[parser.at];
    if (token?.kind !== 'word') break;
    parser.at += 1;
    if (words.length === 0 && ASSIGNMENT.test(token.raw)) assignments.push(token);
    else words.push(token);
  }
  if (assignments.length + words.length + redirects.length === 0) fail(parser);
  return { kind: 'simple', assignments, words, redirects };
}

/** `2>/dev/null` comes as the word `2`, `>` and the target. */
function parseRedirects(parser: Parser): Redirect[] {
  const redirects: Redirect[] = [];
  for (;;) {
    const token = parser.tokens[parser.at];
    const next = parser.tokens[parser.at + 1];
    const hasNumber = token?.kind === 'word' && /^\d$/.test(token.raw);
    const operator = hasNumber ? next : token;
    if (operator?.kind !== 'operator' || !REDIRECTION.has(operator.text)) return redirects;
    parser.at += hasNumber ? 2 : 1;
    redirects.push({ operator: operator.text, target: nextWord(parser) });
  }
}

function isOperator(parser: Parser, text: string): boolean {
  const token = parser.tokens[parser.at];
  return token?.kind === 'operator' && token.text === text;
}

function isWord(parser: Parser, raw: string): boolean {
  const token = parser.tokens[parser.at];
  return token?.kind === 'word' && token.raw === raw;
}

function takeWord(parser: Parser, raw: string): boolean {
  if (!isWord(parser, raw)) return false;
  parser.at += 1;
  return true;
}

function nextWord(parser: Parser): Word {
  const token = parser.tokens[parser.at];
  if (token?.kind !== 'word') return fail(parser);
  parser.at += 1;
  return token;
}

function expectWord(parser: Parser, raw: string): void {
  if (!takeWord(parser, raw)) fail(parser);
}

function expectOperator(parser: Parser, text: string): void {
  if (!isOperator(parser, text)) fail(parser);
  parser.at += 1;
}

function skipNewlines(parser: Parser): void {
  while (isOperator(parser, '\n')) parser.at += 1;
}

function skipSeparators(parser: Parser): void {
  while (isOperator(parser, '\n') || isOperator(parser, ';')) parser.at += 1;
}

function fail(parser: Parser): never {
  const operator = parser.tokens.slice(parser.at).find(token => token.kind === 'operator');
  throw new FormatError('shell script', 'the syntax is not known here', {
    line: lineOf(parser.text, operator?.at ?? 0),
  });
}
