import type { Command, FunctionCommand, List, SimpleCommand, Truth } from '../../formats/shell/index.ts';
import type { State } from './state.ts';

/** Where a list certainly ends before its end: a loop's body, a function, the script. */
export type End = 'none' | 'loop' | 'return' | 'exit';

export interface Outcome {
  readonly end: End;
  /** Whether it succeeds. */
  readonly truth: Truth;
}

export const UNKNOWN: Outcome = { end: 'none', truth: undefined };
export const SUCCESS: Outcome = { end: 'none', truth: true };

/** A call that may run: a name and operands as far as known, and the files that it is redirected to. */
export interface Call {
  readonly fields: readonly (string | undefined)[];
  readonly targets: readonly string[];
}

/** A script while it is followed. */
export interface Machine {
  readonly run: (list: List, state: State) => Outcome;
  /** All definitions that were passed, by name. */
  readonly functions: Map<string, FunctionCommand[]>;
  /** Calls by the command that makes them. */
  readonly live: Map<SimpleCommand, Call[]>;
  /** Commands that a decision left out, with that decision. */
  readonly skipped: Map<Command, string>;
  /** Scripts within the script (`sh -c`, `eval`), by their text. */
  readonly inner: Map<string, List | undefined>;
  /** Commands run so far. */
  steps: number;
  /** Of the commands that are being run. */
  depth: number;
  /** Of functions, by name: how many, how many of them are being run, and whether one was run with nothing known. */
  readonly calls: Map<string, { count: number; active: number; isGeneral: boolean }>;
}

/** Before the first command; `run` follows a list. */
export function openMachine(run: Machine['run']): Machine {
  return {
    run,
    functions: new Map(),
    live: new Map(),
    skipped: new Map(),
    inner: new Map(),
    steps: 0,
    depth: 0,
    calls: new Map(),
  };
}

/** A real script takes some hundred steps; more than these may be an attempt to take forever. */
const STEPS_MAX = 100_000;
const DEPTH_MAX = 250;

/** Whether the script was too much to follow: what it does is not decided then. */
export function isExhausted({ steps, depth }: Machine): boolean {
  return steps > STEPS_MAX || depth > DEPTH_MAX;
}

/** Gives up: nothing more is followed. */
export function exhaust(machine: Machine): void {
  machine.steps = STEPS_MAX + 1;
}

/** Notes that a decision leaves out some commands; another way may still lead to them. */
export function skip(machine: Machine, list: List, guard: string): void {
  machine.steps += 1 + (list.length >> 4);
  for (const command of list) if (!machine.skipped.has(command)) machine.skipped.set(command, guard);
}

const CALLS_PER_COMMAND_MAX = 20;

/** Notes that a command may run so. */
export function noteCall(machine: Machine, command: SimpleCommand, call: Call): void {
  const calls = machine.live.get(command);
  if (calls === undefined) machine.live.set(command, [call]);
  else if (calls.length < CALLS_PER_COMMAND_MAX) calls.push(call);
}
