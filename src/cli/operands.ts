import { type ArgumentDefinition, type CommandDefinition, verbOf } from '../commands/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { suggest } from './suggest.ts';

/**
 * Gives each operand to its argument. `rest` is what followed `--`, undefined without one; a verb without a `rest`
 * argument takes those words as ordinary operands.
 */
export function bindOperands(
  definition: CommandDefinition,
  operands: readonly string[],
  rest: readonly string[] | undefined,
): Record<string, readonly string[]> {
  const takesRest = definition.arguments?.some(argument => argument.kind === 'rest') === true;
  const words = takesRest ? [...operands] : [...operands, ...(rest ?? [])];
  const bound: Record<string, readonly string[]> = {};
  for (const argument of definition.arguments ?? []) {
    const values = take(argument, words, rest);
    if (values.length === 0 && isRequired(argument)) throw missing(definition, argument);
    for (const value of values) checkChoice(argument.name, value, argument.choices);
    bound[argument.name] = values;
  }
  const extra = words[0];
  if (extra !== undefined)
    throw new AptLayerError('USAGE', `${verbOf(definition)}: unexpected argument ${JSON.stringify(extra)}`, {
      hint: helpHint(definition),
    });
  return bound;
}

function take(
  argument: ArgumentDefinition,
  words: string[],
  rest: readonly string[] | undefined,
): readonly string[] {
  switch (argument.kind ?? 'required') {
    case 'rest':
      return rest ?? [];
    case 'variadic':
    case 'variadic-optional':
      return words.splice(0);
    case 'optional':
    case 'required':
      return words.splice(0, 1);
  }
}

/** A `rest` is optional to the framework: `run` without a command may mean a shell. */
function isRequired(argument: ArgumentDefinition): boolean {
  return argument.kind === undefined || argument.kind === 'required' || argument.kind === 'variadic';
}

function missing(definition: CommandDefinition, argument: ArgumentDefinition): AptLayerError {
  return new AptLayerError(
    'USAGE',
    `${verbOf(definition)}: ${argument.name} is missing (${argument.description})`,
    {
      hint: helpHint(definition),
    },
  );
}

/** Throws a usage error with a suggestion when there are choices and `value` is none of them. */
export function checkChoice(what: string, value: string, choices: readonly string[] | undefined): void {
  if (choices === undefined || choices.includes(value)) return;
  const near = suggest(value, choices);
  throw new AptLayerError('USAGE', `${what}: ${JSON.stringify(value)} is not one of ${choices.join(', ')}`, {
    hint: near === undefined ? undefined : `did you mean ${near}?`,
  });
}

export function helpHint(definition: CommandDefinition): string {
  return `see \`apt-layer help ${verbOf(definition)}\``;
}
