import { AptLayerError } from '../../errors/index.ts';
import { matchesGlob, parseGlob, type Token } from './glob.ts';

/** One line of a .containerignore or .dockerignore. */
export interface IgnoreRule {
  readonly glob: readonly Token[];
  /** `!PATTERN`: what an earlier line left out is in again. */
  readonly brings: boolean;
}

/** More lines, or longer ones, than any program writes. */
const RULES_MAX = 10_000;
const PATTERN_MAX = 4096;

/**
 * Reads a .containerignore or .dockerignore as docker's reference of .dockerignore says: a line is a pattern of Go's filepath.Match with `**`
 * for any number of directories, `#` begins a comment, `!` brings back. CONFIG_INVALID with the line for what is no pattern.
 */
export function parseIgnore(text: string, file: string): IgnoreRule[] {
  const rules: IgnoreRule[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const pattern = line.trim();
    if (line.startsWith('#') || pattern === '') continue;
    const fail = (reason: string) =>
      new AptLayerError('CONFIG_INVALID', `${file}:${index + 1}: ${reason}`, {
        hint: 'see "dockerignore file" in the reference of Containerfiles',
        details: { file, line: index + 1 },
      });
    const brings = pattern.startsWith('!');
    const path = cleanPath(brings ? pattern.slice(1).trim() : pattern);
    if (path === undefined) throw fail('there is no pattern behind the `!`');
    if (path.length > PATTERN_MAX) throw fail(`the pattern is longer than ${PATTERN_MAX} characters`);
    const glob = parseGlob(path);
    if (glob === undefined) throw fail(`${JSON.stringify(path)} is not a pattern`);
    if (rules.push({ glob, brings }) > RULES_MAX) throw fail(`more than ${RULES_MAX} patterns`);
  }
  return rules;
}

/** As filepath.Clean, without a slash at the beginning; undefined for nothing at all. */
function cleanPath(text: string): string | undefined {
  if (text === '') return undefined;
  const parts: string[] = [];
  for (const part of text.split('/'))
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return parts.length === 0 ? '.' : parts.join('/');
}

/** What the rules say of a path, one by one: what a rule says of a directory holds for all below it. */
export type Verdicts = readonly boolean[];

/** The verdicts on a path, by those on the directory that it is in; none for the context itself. */
export function verdictsOn(rules: readonly IgnoreRule[], path: string, above?: Verdicts): Verdicts {
  return rules.map(({ glob }, index) => above?.[index] === true || matchesGlob(glob, path));
}

/** Whether the last rule that fits leaves a path out. */
export function isIgnored(rules: readonly IgnoreRule[], verdicts: Verdicts): boolean {
  const last = verdicts.lastIndexOf(true);
  return last >= 0 && rules[last]?.brings === false;
}
