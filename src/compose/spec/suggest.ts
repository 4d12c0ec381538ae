import { nearestName } from '../../formats/nearest/index.ts';

/** The hint for a misspelt word, if one of `known` is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const meant = nearestName(word.replaceAll('_', '-'), known);
  return meant === undefined ? undefined : `did you mean \`${meant}\`?`;
}
