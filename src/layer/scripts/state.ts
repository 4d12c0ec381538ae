import type { Lookup } from '../../formats/shell/index.ts';
import type { Arguments } from './situation.ts';

/** What is known of a shell at one point of a script. */
export interface State {
  /** Undefined when not even their number is known. */
  args: Arguments | undefined;
  /** Variables with known values; an unset one has the empty string. */
  variables: Map<string, string>;
  /** Whether it has read other files, whose functions may set any variable. */
  hasSourced: boolean;
}

const VARIABLES_MAX = 200;
const VALUE_MAX = 4096;

/** A longer or later one is not remembered, so that a script cannot use up memory. */
export function assign(state: State, name: string, value: string | undefined): void {
  state.variables.delete(name);
  if (value !== undefined && value.length <= VALUE_MAX && state.variables.size < VARIABLES_MAX)
    state.variables.set(name, value);
}

/** For a way that may be taken, and for a subshell. */
export function copyOf(state: State): State {
  return { ...state, variables: new Map(state.variables) };
}

/** Makes `state` what holds in all of `others`; they are the ways that lead to one point. */
export function joinInto(state: State, others: readonly State[]): void {
  const [first, ...rest] = others;
  if (first === undefined) return;
  state.args = rest.every(({ args }) => areEqual(args, first.args)) ? first.args : undefined;
  state.hasSourced = others.some(({ hasSourced }) => hasSourced);
  state.variables = new Map(
    [...first.variables].filter(([name, value]) =>
      rest.every(({ variables }) => variables.get(name) === value),
    ),
  );
}

function areEqual(a: Arguments | undefined, b: Arguments | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && a.length === b.length && a.every((value, i) => value === b[i]);
}

/** What parameters expand to. */
export function lookupIn({ args, variables }: State): Lookup {
  return name => {
    if (name === '#') return args === undefined ? undefined : String(args.length);
    if (!/^[0-9]+$/.test(name)) return variables.get(name);
    const index = Number(name) - 1;
    if (args === undefined || index < 0) return undefined;
    return index < args.length ? args[index] : '';
  };
}
