import { AptLayerError } from '../errors/index.ts';
import { CommandFailed } from '../process/index.ts';
import { failing } from './failing.ts';
import { type AptTarget, callApt } from './target.ts';

/** A package that a search found. */
export interface SearchHit {
  readonly name: string;
  /** The first line of its description. */
  readonly summary: string;
}

/**
 * The packages whose names or descriptions match each of `words`, regular expressions as apt-cache(8) takes them, by name.
 * USAGE for a word that is none.
 */
export async function searchPackages(target: AptTarget, words: readonly string[]): Promise<SearchHit[]> {
  const command = ['apt-cache', 'search', '--', ...words];
  const output = await failing(target, () => callApt(target, { command })).catch((error: unknown) => {
    throw notAnExpression(error) ?? error;
  });
  return parseHits(output.stdout.toString('utf8'));
}

/** Lines of `NAME - SUMMARY`, as apt-cache prints them; each name once, in order. */
export function parseHits(output: string): SearchHit[] {
  const hits = new Map<string, SearchHit>();
  for (const line of output.split('\n')) {
    const separator = line.indexOf(' - ');
    if (separator <= 0) continue;
    const name = line.slice(0, separator);
    if (!hits.has(name)) hits.set(name, { name, summary: line.slice(separator + 3) });
  }
  return [...hits.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function notAnExpression(error: unknown): AptLayerError | undefined {
  const cause = error instanceof AptLayerError ? error.cause : undefined;
  if (!(cause instanceof CommandFailed) || !cause.stderrTail.includes('Regex compilation error'))
    return undefined;
  return new AptLayerError('USAGE', 'a word to search for is no regular expression', {
    hint: 'put a backslash before characters such as + * [ (',
    cause,
  });
}
