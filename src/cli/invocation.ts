import type { GlobalOptions } from '../app/index.ts';
import { type CommandDefinition, createArgs, type ParsedArgs, verbOf } from '../commands/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { GLOBAL_OPTIONS, globalOptions, spellOutWait } from './global-options.ts';
import { bindOperands, checkChoice, helpHint } from './operands.ts';
import { type SortedWords, sortWords } from './option-words.ts';
import type { Registry } from './registry.ts';
import { suggest } from './suggest.ts';

/** A command line that makes sense: what to run and with what. */
export interface Invocation {
  readonly definition: CommandDefinition;
  readonly args: ParsedArgs;
  readonly globals: GlobalOptions;
  /** No verb was given at all: the help is shown, but it is still a usage error. */
  readonly isEmpty: boolean;
}

/** `apt-layer ostree VERB` is `apt-layer VERB`. */
const PREFIX = 'ostree';

/** Global options that stand for a verb. */
const OPTION_VERBS = ['help', 'version', 'validate'] as const;

/** Reads a command line (without node and script). Throws USAGE with a hint, often a suggestion. */
export function parseInvocation(registry: Registry, argv: readonly string[]): Invocation {
  const end = argv.indexOf('--');
  const rest = end < 0 ? undefined : argv.slice(end + 1);
  const words = sortWords(GLOBAL_OPTIONS, spellOutWait(end < 0 ? argv : argv.slice(0, end)));
  const globals = globalOptions(words.values);
  const operands = words.operands[0] === PREFIX ? words.operands.slice(1) : words.operands;

  const optionVerb = OPTION_VERBS.find(name => name in words.values);
  if (optionVerb !== undefined) return optionInvocation(registry, { optionVerb, operands, words, globals });
  if (operands.length === 0 && words.unknown.length === 0 && rest === undefined)
    return { ...builtin(registry, 'help', []), globals, isEmpty: true };

  const { definition, length } = registry.find(operands) ?? unknownVerb(registry, operands, words.unknown);
  const own = sortWords(definition.options ?? [], [...operands.slice(length), ...words.unknown]);
  if (own.unknown[0] !== undefined) throw unknownOption(own.unknown[0], definition);
  checkValues(definition, own);
  const args = createArgs(definition, {
    arguments: bindOperands(definition, own.operands, rest),
    options: own.values,
  });
  return { definition, args, globals, isEmpty: false };
}

function optionInvocation(
  registry: Registry,
  line: {
    optionVerb: (typeof OPTION_VERBS)[number];
    operands: readonly string[];
    words: SortedWords;
    globals: GlobalOptions;
  },
): Invocation {
  const { optionVerb, operands, words, globals } = line;
  const found = registry.find(operands);
  const topic = found === undefined ? operands : operands.slice(0, found.length);
  // With --help, options of the verb may be there too: what counts is the question.
  if (optionVerb === 'help') return { ...builtin(registry, 'help', topic), globals, isEmpty: false };
  const extra = operands[0] ?? words.unknown[0];
  if (extra !== undefined)
    throw new AptLayerError('USAGE', `--${optionVerb} stands alone: unexpected ${JSON.stringify(extra)}`);
  return { ...builtin(registry, optionVerb, []), globals, isEmpty: false };
}

function builtin(registry: Registry, verb: string, operands: readonly string[]) {
  const found = registry.find([verb]);
  if (found === undefined) throw new Error(`there is no verb ${verb}`);
  const { definition } = found;
  return {
    definition,
    args: createArgs(definition, { arguments: bindOperands(definition, operands, undefined) }),
  };
}

function checkValues(definition: CommandDefinition, own: SortedWords): void {
  for (const option of definition.options ?? []) {
    const values = own.values[option.name];
    if (values === undefined) continue;
    if (values.length > 1 && option.repeatable !== true)
      throw new AptLayerError('USAGE', `--${option.name} is given more than once`, {
        hint: helpHint(definition),
      });
    for (const value of values) checkChoice(`--${option.name}`, value, option.choices);
  }
}

function unknownVerb(registry: Registry, operands: readonly string[], unknown: readonly string[]): never {
  const word = operands[0];
  if (word === undefined) throw unknownOption(unknown[0] ?? '--', undefined);
  throw unknownVerbError(registry, operands);
}

/** For words that name no verb: says which word is wrong and what it might have meant. */
export function unknownVerbError(registry: Registry, words: readonly string[]): AptLayerError {
  const [first = '', second] = words;
  const inside = registry.below([first]).filter(definition => definition.hidden !== true);
  if (inside.length > 0) {
    const names = inside.map(definition => definition.path.slice(1).join(' '));
    const near = second === undefined ? undefined : suggest(second, names);
    return new AptLayerError(
      'USAGE',
      second === undefined
        ? `${first}: the verb needs another word`
        : `unknown verb ${JSON.stringify(`${first} ${second}`)}`,
      {
        hint:
          near === undefined
            ? `there is ${names.map(name => `\`${first} ${name}\``).join(', ')}`
            : `did you mean \`apt-layer ${first} ${near}\`?`,
      },
    );
  }
  const visible = registry.definitions.filter(definition => definition.hidden !== true);
  const near = suggest(
    first,
    visible.flatMap(definition => [
      definition.path[0] ?? '',
      verbOf(definition),
      ...(definition.aliases ?? []),
    ]),
  );
  return new AptLayerError('USAGE', `unknown verb ${JSON.stringify(first)}`, {
    hint: near === undefined ? 'see `apt-layer help`' : `did you mean \`apt-layer ${near}\`?`,
  });
}

function unknownOption(word: string, definition: CommandDefinition | undefined): AptLayerError {
  const name = word.replace(/=.*$/s, '');
  const known = [...(definition?.options ?? []), ...GLOBAL_OPTIONS].map(option => `--${option.name}`);
  const near = name.startsWith('--') ? suggest(name, known) : undefined;
  const where = definition === undefined ? '' : `${verbOf(definition)}: `;
  if (near === name) return new AptLayerError('USAGE', `${where}${name} takes no value`);
  return new AptLayerError('USAGE', `${where}unknown option ${JSON.stringify(name)}`, {
    hint:
      near !== undefined
        ? `did you mean ${near}?`
        : definition === undefined
          ? 'see `apt-layer help`'
          : helpHint(definition),
  });
}
