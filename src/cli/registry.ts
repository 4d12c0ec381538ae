import { type CommandDefinition, commands, verbOf } from '../commands/index.ts';
import { builtinCommands } from './builtins/definitions.ts';

/** All verbs: those of commands/ and those about the command line itself. */
export const allCommands: readonly CommandDefinition[] = [...commands, ...builtinCommands(() => allCommands)];

/** Finds verbs by their words. */
export interface Registry {
  readonly definitions: readonly CommandDefinition[];
  /** The verb at the start of `words` (the longest that fits) and how many words it takes. */
  find(
    words: readonly string[],
  ): { readonly definition: CommandDefinition; readonly length: number } | undefined;
  /** Verbs whose first words are `path` and that have more, such as those of `image`. */
  below(path: readonly string[]): readonly CommandDefinition[];
}

export function createRegistry(definitions: readonly CommandDefinition[]): Registry {
  const byVerb = new Map<string, CommandDefinition>();
  let longest = 0;
  for (const definition of definitions) {
    for (const verb of verbNames(definition)) byVerb.set(verb, definition);
    longest = Math.max(longest, definition.path.length);
  }
  return {
    definitions,
    find(words) {
      for (let length = Math.min(longest, words.length); length > 0; length--) {
        const definition = byVerb.get(words.slice(0, length).join(' '));
        if (definition !== undefined) return { definition, length };
      }
      return undefined;
    },
    below: path =>
      definitions.filter(
        ({ path: verb }) => verb.length > path.length && path.every((word, index) => verb[index] === word),
      ),
  };
}

/** The verb and its aliases, in full: `layer`, `install`. */
export function verbNames(definition: CommandDefinition): string[] {
  const parent = definition.path.slice(0, -1);
  return [verbOf(definition), ...(definition.aliases ?? []).map(alias => [...parent, alias].join(' '))];
}
