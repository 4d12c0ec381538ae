import type { App } from '../app/index.ts';
import type { ParsedArgs } from './args.ts';
import type { TextStyle } from './text/index.ts';

/** Headings of the help text, in the order in which they are printed. */
export const COMMAND_GROUPS = {
  state: 'See what is there',
  change: 'Change the system',
  deployment: 'Choose among deployments',
  build: 'Build systems',
  image: 'Images and the store',
  boot: 'Booting and installing',
  maintenance: 'Check and maintain',
  general: 'About this program',
} as const;

export type CommandGroup = keyof typeof COMMAND_GROUPS;

/** One operand. `rest` takes what follows `--`, word for word, for a program to run. */
export interface ArgumentDefinition {
  /** As written in usage lines, such as `PACKAGE`; also the key in ParsedArgs. */
  readonly name: string;
  readonly description: string;
  /** Default `required`. Only the last operand before a `rest` may be `variadic` or `variadic-optional`. */
  readonly kind?: 'required' | 'optional' | 'variadic' | 'variadic-optional' | 'rest';
  readonly complete?: Completion;
  /** The words that are accepted; any other is a usage error. */
  readonly choices?: readonly string[];
}

export interface OptionDefinition {
  /** Long name without dashes; also the key in ParsedArgs. Must not be the name of a global option. */
  readonly name: string;
  /** One letter, not one of the global options. */
  readonly short?: string;
  /** Name of the value, such as `FILE`; a flag without a value has none. */
  readonly value?: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** May be given several times; each value is kept. */
  readonly repeatable?: boolean;
  readonly complete?: Completion;
}

/** What a shell offers for a value; without it, only `choices`. */
export type Completion = 'file' | 'directory';

export interface Example {
  /** What to type after `apt-layer `. */
  readonly command: string;
  readonly does: string;
}

/**
 * What the program must know about a verb before running it: enough for parsing, help, completion and the man
 * page. The code behind it comes through `load`, so that starting one verb reads the code of no other; the tables
 * of definitions therefore import nothing but this file.
 */
export interface CommandDefinition {
  /** The words of the verb, such as `['image', 'write']`. */
  readonly path: readonly string[];
  /** Other names for the last word, such as `install` for `layer`. */
  readonly aliases?: readonly string[];
  readonly group: CommandGroup;
  /** One line, lower case, no full stop. */
  readonly summary: string;
  /** Paragraphs for `--help` and the man page, separated by empty lines. */
  readonly description: string;
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options?: readonly OptionDefinition[];
  /** At least one. */
  readonly examples: readonly Example[];
  /** It changes something, and with `--dry-run` says what without doing it. */
  readonly mutates?: boolean;
  /** Checked before the verb runs. `to-change`: root is not needed for a dry run. */
  readonly needsRoot?: boolean | 'to-change';
  /** Not in lists, but works. */
  readonly hidden?: boolean;
  /** The module of the verb; it exports its implementation as `command`. */
  load(): Promise<{ readonly command: AnyCommand }>;
}

/**
 * The code of a verb. It never prints: `run` returns a result, which `cli/` shows as text (`render`) or, with
 * `--json`, as JSON (`toJson`, else the result as it is). JSON is always complete; text may leave things out.
 */
export interface CommandImplementation<Result> {
  run(app: App, args: ParsedArgs): Promise<Result>;
  /** Text without escape codes other than those of `style`, or bytes to write as they are. Empty prints nothing. */
  render(result: Result, style: TextStyle): string | Uint8Array;
  toJson?(result: Result): unknown;
  /** For results that are neither success nor an error, such as 77; default 0. */
  exitCode?(result: Result): number;
}

/** An implementation whose result type only itself knows. */
// biome-ignore lint/suspicious/noExplicitAny: the one place that forgets the type; results go straight back in.
export type AnyCommand = CommandImplementation<any>; // eslint-disable-line @typescript-eslint/no-explicit-any

/** `image write`, the verb as typed. */
export function verbOf(definition: Pick<CommandDefinition, 'path'>): string {
  return definition.path.join(' ');
}
