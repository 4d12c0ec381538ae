import type { List, Part, Word } from './model.ts';

/** What is known of a variable or parameter; undefined for what is not. An unset one is the empty string. */
export type Lookup = (name: string) => string | undefined;

/** A longer value counts as not known, so that a script cannot use up memory. */
const VALUE_MAX = 64 * 1024;

export interface Expansion {
  /** Undefined when it is not known. */
  readonly value: string | undefined;
  /** Whether it disappears: an expansion to nothing outside quotes. */
  readonly isGone: boolean;
}

/** A word with its expansions made, as one field. Runs nothing: the output of a command is not known. */
export function expandWord(word: Word, lookup: Lookup): Expansion {
  let value: string | undefined = '';
  let isGone = true;
  for (const part of word.parts) {
    const text = expandPart(part, lookup);
    value = value === undefined || text === undefined ? undefined : value + text;
    if (value !== undefined && value.length > VALUE_MAX) value = undefined;
    if (part.kind === 'literal' || (part.kind === 'parameter' && part.isQuoted) || text !== '')
      isGone = false;
  }
  return { value, isGone };
}

/** The fields that words become: an unquoted expansion is split at blanks. */
export function expandFields(words: readonly Word[], lookup: Lookup): (string | undefined)[] {
  return words.flatMap(word => {
    const { value, isGone } = expandWord(word, lookup);
    if (isGone) return [];
    const splits =
      value !== undefined && word.parts.some(part => part.kind === 'parameter' && !part.isQuoted);
    if (!splits || !/[ \t\n]/.test(value)) return [value];
    return word.parts.length === 1 ? value.split(/[ \t\n]+/).filter(field => field !== '') : [undefined];
  });
}

function expandPart(part: Part, lookup: Lookup): string | undefined {
  if (part.kind === 'literal') return part.text;
  if (part.kind !== 'parameter') return undefined;
  const value = lookup(part.name);
  const { operator, operand } = part;
  if (operator === undefined || value === undefined) return value;
  // `-` and `+` without a colon ask whether it is set, which an empty value does not say.
  if (operator === ':-' || (operator === '-' && value !== ''))
    return value !== '' || operand === undefined ? value : expandWord(operand, lookup).value;
  if (operator === ':+')
    return value === '' || operand === undefined ? '' : expandWord(operand, lookup).value;
  return undefined;
}

/** Lists that the expansion of a word runs, in the order in which they stand there. */
export function listsOfWord(word: Word): List[] {
  return word.parts.flatMap(listsOfPart);
}

function listsOfPart(part: Part): List[] {
  switch (part.kind) {
    case 'literal':
      return [];
    case 'parameter':
      return part.operand === undefined ? [] : listsOfWord(part.operand);
    case 'command':
    case 'process':
      return [part.body];
    case 'arithmetic':
      return part.parts.flatMap(listsOfPart);
  }
}
