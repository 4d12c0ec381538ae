/** Values as the command line gave them: one list per name; a flag that is set has an empty list. */
export interface ArgValues {
  readonly arguments?: Readonly<Record<string, readonly string[]>>;
  readonly options?: Readonly<Record<string, readonly string[]>>;
}

/**
 * What a verb was called with, by the names of its definition. Asking for a name that the definition does not
 * have, or in the wrong form, is a bug and throws a plain Error.
 */
export interface ParsedArgs {
  /** A required operand. */
  argument(name: string): string;
  /** An optional operand. */
  optionalArgument(name: string): string | undefined;
  /** A variadic operand, or the words after `--`. */
  argumentList(name: string): readonly string[];
  /** Whether an option without a value was given. */
  flag(name: string): boolean;
  /** The value of an option, or its default; the last one counts. */
  option(name: string): string | undefined;
  /** All values of a repeatable option. */
  optionList(name: string): readonly string[];
  /** The value of an option with `choices` and a default. `choices` here gives the type. */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice;
  /** A whole number within bounds; a usage error otherwise. */
  integer(name: string, bounds: { readonly min: number; readonly max: number }): number | undefined;
}
