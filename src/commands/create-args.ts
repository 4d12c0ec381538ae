import { AptLayerError } from '../errors/index.ts';
import type { ArgValues, ParsedArgs } from './args.ts';
import { type CommandDefinition, verbOf } from './definition.ts';

/** Also for tests of a verb: `createArgs(definition, { arguments: { FILE: ['x'] } })`. */
export function createArgs(definition: CommandDefinition, values: ArgValues): ParsedArgs {
  const operands = (name: string): readonly string[] => {
    declared(definition, definition.arguments, name);
    return values.arguments?.[name] ?? [];
  };
  const given = (name: string, wantsValue: boolean): readonly string[] | undefined => {
    const option = declared(definition, definition.options, name);
    if ((option.value !== undefined) !== wantsValue)
      throw new Error(`${verbOf(definition)}: --${name} is read in the wrong form`);
    return values.options?.[name] ?? (option.default === undefined ? undefined : [option.default]);
  };
  const option = (name: string) => given(name, true)?.at(-1);
  return {
    argument(name) {
      const value = operands(name)[0];
      if (value === undefined) throw new Error(`${verbOf(definition)}: ${name} is read but not required`);
      return value;
    },
    optionalArgument: name => operands(name)[0],
    argumentList: operands,
    flag: name => given(name, false) !== undefined,
    option,
    optionList: name => given(name, true) ?? [],
    choice(name, choices) {
      const value = option(name);
      const found = choices.find(choice => choice === value);
      if (found === undefined) throw new Error(`${verbOf(definition)}: --${name} has no such choice`);
      return found;
    },
    integer(name, bounds) {
      const text = option(name);
      return text === undefined ? undefined : parseInteger(`--${name}`, text, bounds);
    },
  };
}

/** A whole decimal number within bounds (both allowed); a usage error that names `what` otherwise. */
export function parseInteger(
  what: string,
  text: string,
  bounds: { readonly min: number; readonly max: number },
): number {
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  throw new AptLayerError('USAGE', `${what}: ${JSON.stringify(text)} is not a number that fits`, {
    hint: `give a whole number from ${bounds.min} to ${bounds.max}`,
  });
}

function declared<Entry extends { readonly name: string }>(
  definition: CommandDefinition,
  entries: readonly Entry[] | undefined,
  name: string,
): Entry {
  const entry = entries?.find(candidate => candidate.name === name);
  if (entry === undefined) throw new Error(`${verbOf(definition)} declares no ${name}`);
  return entry;
}
