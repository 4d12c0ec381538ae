import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from '../../commands/index.ts';
import { GLOBAL_OPTIONS } from '../global-options.ts';
import { verbNames } from '../registry.ts';

/** What may be typed for a value. */
export type Values = { readonly choices: readonly string[] } | 'file' | 'directory' | 'any';

export interface CompletedOption {
  readonly name: string;
  readonly short: string | undefined;
  readonly description: string;
  /** Undefined for a flag. */
  readonly values: Values | undefined;
}

/** What can follow the words of `verb` (empty: at the start of the line). */
export interface CompletionNode {
  readonly verb: string;
  /** Next words of longer verbs. */
  readonly words: readonly { readonly word: string; readonly description: string }[];
  /** Without the global ones. */
  readonly options: readonly CompletedOption[];
  /** For operands: those of the first one that says anything. */
  readonly operands: Values;
}

export interface CompletionModel {
  readonly globals: readonly CompletedOption[];
  readonly nodes: readonly CompletionNode[];
}

/** The one description of the command line that the scripts of all shells are made from. */
export function completionModel(definitions: readonly CommandDefinition[]): CompletionModel {
  const visible = definitions.filter(definition => definition.hidden !== true);
  const verbs = new Map<string, CommandDefinition | undefined>([['', undefined]]);
  for (const definition of visible) {
    for (const name of verbNames(definition)) {
      const words = name.split(' ');
      for (let length = 1; length < words.length; length++) {
        const prefix = words.slice(0, length).join(' ');
        if (!verbs.has(prefix)) verbs.set(prefix, undefined);
      }
      verbs.set(name, definition);
    }
  }
  return {
    globals: GLOBAL_OPTIONS.map(completedOption),
    nodes: [...verbs].map(([verb, definition]) => ({
      verb,
      words: nextWords(verb, verbs),
      options: (definition?.options ?? []).map(completedOption),
      operands: (definition?.arguments ?? []).map(valuesOf).find(values => values !== 'any') ?? 'any',
    })),
  };
}

function nextWords(verb: string, verbs: ReadonlyMap<string, CommandDefinition | undefined>) {
  const start = verb === '' ? '' : `${verb} `;
  return [...verbs]
    .filter(
      ([other]) => other !== verb && other.startsWith(start) && !other.slice(start.length).includes(' '),
    )
    .map(([other, definition]) => ({
      word: other.slice(start.length),
      description: definition?.summary ?? '',
    }));
}

function completedOption(option: OptionDefinition): CompletedOption {
  return {
    name: option.name,
    short: option.short,
    description: option.description,
    values: option.value === undefined ? undefined : valuesOf(option),
  };
}

function valuesOf(entry: Pick<ArgumentDefinition, 'choices' | 'complete'>): Values {
  return entry.choices === undefined ? (entry.complete ?? 'any') : { choices: entry.choices };
}
