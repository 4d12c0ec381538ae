import { Command, CommanderError } from 'commander';
import type { OptionDefinition } from '../commands/index.ts';
import { AptLayerError } from '../errors/index.ts';

/** Command-line words sorted into what `options` know and the rest. */
export interface SortedWords {
  /** One list of values per option that was given; empty for a flag. */
  readonly values: Record<string, string[]>;
  readonly operands: readonly string[];
  /** From the first option that is not known on, without the known ones after it. */
  readonly unknown: readonly string[];
}

/**
 * Takes the known options out of `words`, wherever they stand. Splitting words into options, values and bundled
 * short flags is all that commander does for us; checks, help and errors come from our own definitions.
 */
export function sortWords(options: readonly OptionDefinition[], words: readonly string[]): SortedWords {
  const parser = new Command().helpOption(false).exitOverride();
  parser.configureOutput({ writeErr: () => undefined });
  const values: Record<string, string[]> = {};
  for (const option of options) {
    parser.option(flagsOf(option));
    parser.on(`option:${option.name}`, (value: string | null | undefined) => {
      const list = Object.hasOwn(values, option.name) ? values[option.name] : undefined;
      values[option.name] = [...(list ?? []), ...(typeof value === 'string' ? [value] : [])];
    });
  }
  try {
    const { operands, unknown } = parser.parseOptions([...words]);
    return { values, operands, unknown };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new AptLayerError('USAGE', error.message.replace(/^error: /, ''), { cause: undefined });
  }
}

/** `-n, --name VALUE` in commander's notation. */
function flagsOf(option: OptionDefinition): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${option.name}${option.value === undefined ? '' : ` <${option.value}>`}`;
}
