import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { type Problem, type ProblemKind, specInvalid } from './problem.ts';

/** A YAML file that is well-formed, with what turns offsets into places. */
export interface SpecDocument {
  readonly file: string;
  readonly text: string;
  readonly document: Document.Parsed;
  problem(offset: number, kind: ProblemKind, what: ProblemText): Problem;
}

/** What a problem says: `path` is that of the key, with dots; `hint` is what to change. */
export interface ProblemText {
  readonly path?: string;
  readonly reason: string;
  readonly hint?: string | undefined;
}

/** Bounds the work that a hostile file can cause; a spec of 3,000 packages has about 12,000 tokens. */
const MAX_TOKENS = 100_000;
const MAX_DEPTH = 32;

/** What usually causes an error of the YAML reader, by its code. */
const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'align the entries of one list or map, and close each bracket',
  BLOCK_AS_IMPLICIT_KEY: 'quote the value if it has ": " in it, or begin a new line',
  MULTILINE_IMPLICIT_KEY: 'a key ends with a colon on its own line',
  MISSING_CHAR: 'something is not closed, or a colon or comma is missing',
  BAD_SCALAR_START: 'quote the value',
  UNEXPECTED_TOKEN: 'quote the value if it has characters that mean something in YAML',
};

/** Reads YAML 1.2 without giving it a meaning. Throws SPEC_INVALID with every mistake of its form. */
export function parseDocument(text: string, file: string): SpecDocument {
  const lineCounter = new LineCounter();
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lineCounter.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problem: SpecDocument['problem'] = (offset, kind, what) => ({
    kind,
    file,
    ...place(offset),
    path: what.path ?? '',
    reason: what.reason,
    ...(what.hint === undefined ? {} : { hint: what.hint }),
  });
  const tokens = tokenize(text, lineCounter, problem);
  const composer = new Composer({ uniqueKeys: false, keepSourceTokens: true, prettyErrors: false });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (document === undefined) throw new Error('the composer makes a document of any text');
  const problems = documentProblems(document as Document.Parsed, problem);
  if (second !== undefined)
    problems.push(
      problem(second.range[0], 'syntax', {
        reason: 'there is a second document in the file',
        hint: 'a spec is one document: remove the --- before this one',
      }),
    );
  if (problems.length > 0) throw specInvalid(problems);
  return { file, text, document: document as Document.Parsed, problem };
}

function tokenize(text: string, lineCounter: LineCounter, problem: SpecDocument['problem']): CST.Token[] {
  const parser = new Parser(lineCounter.addNewLine);
  const tokens: CST.Token[] = [];
  lineCounter.addNewLine(0);
  let count = 0;
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    offset += lexeme.length;
    if (++count > MAX_TOKENS)
      throw specInvalid([
        problem(Math.min(offset, text.length), 'limit', {
          reason: `the file has more than ${MAX_TOKENS} YAML tokens`,
          hint: 'split the work over several specs',
        }),
      ]);
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  refuseDeepNesting(tokens, problem);
  return tokens;
}

/** The composer recurses, so depth is bounded before it runs. */
function refuseDeepNesting(tokens: readonly CST.Token[], problem: SpecDocument['problem']): void {
  const pending: { token: CST.Token; depth: number }[] = tokens.map(token => ({ token, depth: 0 }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH)
      throw specInvalid([
        problem(token.offset, 'limit', { reason: `lists and maps are nested more than ${MAX_DEPTH} deep` }),
      ]);
    if (token.type === 'document' && token.value !== undefined) pending.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key) pending.push({ token: item.key, depth: depth + 1 });
      if (item.value !== undefined) pending.push({ token: item.value, depth: depth + 1 });
    }
  }
}

function documentProblems(document: Document.Parsed, problem: SpecDocument['problem']): Problem[] {
  const problems = [...document.errors, ...document.warnings].map(error =>
    problem(error.pos[0], 'syntax', {
      reason: `not valid YAML: ${lowerFirst(error.message)}`,
      hint: HINTS[error.code],
    }),
  );
  const { yaml } = document.directives;
  if (yaml.explicit === true && yaml.version !== '1.2')
    problems.push(
      problem(0, 'syntax', {
        reason: `YAML ${yaml.version} is asked for`,
        hint: 'remove the %YAML line: specs are YAML 1.2',
      }),
    );
  return problems;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
