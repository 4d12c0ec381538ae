import { nearestName } from '../../formats/nearest/index.ts';

/** The hint for a misspelt word, if one of `known` is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const meant = nearestKey(word, known);
  return meant === undefined ? undefined : `did you mean \`${meant}\`?`;
}

/** The one of `known` that a key most likely means; `_` counts as `-`. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  return nearestName(key.replaceAll('_', '-'), known);
}
