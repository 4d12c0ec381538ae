import { FormatError } from '../../errors/index.ts';
import {
  expandFields,
  expandWord,
  type FunctionCommand,
  type List,
  listsOfWord,
  parseShell,
  type Redirect,
  type SimpleCommand,
  type Word,
} from '../../formats/shell/index.ts';
import { isKnownCommand } from './command-rules.ts';
import { type Machine, noteCall, type Outcome, SUCCESS, UNKNOWN } from './machine.ts';
import { assign, copyOf, joinInto, lookupIn, type State } from './state.ts';
import { truthOf } from './truth.ts';
import { applyToVariables } from './variables.ts';
import { unwrap } from './wrappers.ts';

type Fields = readonly (string | undefined)[];

/** Calls of one function that are followed with their arguments. */
const CALLS_MAX = 50;
/** Commands that run commands: `exec env nice x`. */
const WRAPPERS_MAX = 8;
const FIELDS_MAX = 1000;

/** The fields of words; `$@` becomes the arguments. */
export function fieldsIn(words: readonly Word[], state: State): Fields {
  const fields = words.flatMap((word): Fields => {
    const [part] = word.parts;
    const isArguments =
      word.parts.length === 1 &&
      part?.kind === 'parameter' &&
      part.name === '@' &&
      part.operator === undefined;
    return isArguments ? (state.args ?? [undefined]) : expandFields([word], lookupIn(state));
  });
  return fields.slice(0, FIELDS_MAX);
}

/** Follows a simple command: what its words run, what it does to the shell, the function that it calls. */
export function callSimple(machine: Machine, command: SimpleCommand, state: State): Outcome {
  const { assignments, words, redirects } = command;
  const expanded = [
    ...assignments.map(({ value }) => value),
    ...words,
    ...redirects.flatMap(({ target, document }) => (document === undefined ? [target] : [document])),
  ];
  const lists = expanded.flatMap(listsOfWord);
  for (const list of lists) machine.run(list, copyOf(state));
  const targets = targetsOf(redirects, state);
  if (words.length === 0) {
    for (const { name, isPartial, value } of assignments)
      assign(state, name, isPartial ? undefined : expandWord(value, lookupIn(state)).value);
    noteCall(machine, command, { fields: [], targets });
    return lists.length === 0 ? SUCCESS : UNKNOWN;
  }
  const fields = fieldsIn(words, state);
  // A call of a function is what the function does.
  const isFunction = fields[0] !== undefined && machine.functions.has(fields[0]);
  noteCall(machine, command, { fields: isFunction ? [] : fields, targets });
  return perform(machine, { command, fields, state, depth: 0 });
}

/** Files that are read or written; descriptors are not among them. */
export function targetsOf(redirects: readonly Redirect[], state: State): string[] {
  return redirects.flatMap(({ operator, target }) => {
    if (operator.startsWith('<<')) return [];
    const { value } = expandWord(target, lookupIn(state));
    return value === undefined ? [] : [value];
  });
}

interface Performance {
  readonly command: SimpleCommand;
  readonly fields: Fields;
  readonly state: State;
  /** Of wrappers. */
  readonly depth: number;
}

/** What a call does to the shell, and the commands, scripts and functions that it runs in turn. */
function perform(machine: Machine, performance: Performance): Outcome {
  const { command, fields, state, depth } = performance;
  const [name, ...operands] = fields;
  const definitions = name === undefined ? undefined : machine.functions.get(name);
  if (definitions !== undefined && depth === 0)
    return callFunction(machine, definitions, { state, args: operands });
  if (name === 'exit') return { end: 'exit', truth: undefined };
  if (name === 'return') return { end: 'return', truth: undefined };
  if (name === 'break' || name === 'continue') return { end: 'loop', truth: undefined };
  applyToVariables(state, fields, command);
  // Another file's functions may do anything to the variables.
  if (state.hasSourced && (name === undefined || (!name.includes('/') && !isKnownCommand(name))))
    state.variables.clear();
  const wrapped = unwrap(fields);
  for (const script of wrapped.scripts) runInner(machine, script, performance);
  if (wrapped.fields !== undefined && wrapped.fields.length > 0 && depth < WRAPPERS_MAX) {
    noteCall(machine, command, { fields: wrapped.fields, targets: [] });
    perform(machine, { command, fields: wrapped.fields, state: copyOf(state), depth: depth + 1 });
    if (name === 'exec') return { end: 'exit', truth: undefined };
  }
  return { end: 'none', truth: truthOf(fields) };
}

/** Runs all definitions with the arguments of the call: which of them holds is not known. */
function callFunction(
  machine: Machine,
  definitions: readonly FunctionCommand[],
  { state, args }: { state: State; args: Fields },
): Outcome {
  const name = definitions[0]?.name ?? '';
  const calls = machine.calls.get(name) ?? { count: 0, active: 0, isGeneral: false };
  machine.calls.set(name, calls);
  calls.count += 1;
  if (calls.active > 0 || calls.count > CALLS_MAX)
    return callGenerally(machine, definitions, { state, calls });
  calls.active += 1;
  const ways = runDefinitions(machine, definitions, { ...state, args });
  calls.active -= 1;
  const caller = state.args;
  joinInto(
    state,
    ways.map(way => way.state),
  );
  state.args = caller;
  if (ways.every(({ outcome }) => outcome.end === 'exit')) return { end: 'exit', truth: undefined };
  // A way that returned in between may have another answer.
  const [only] = ways;
  const isSimple = ways.length === 1 && !containsReturn(definitions);
  return isSimple && only !== undefined ? { end: 'none', truth: only.outcome.truth } : UNKNOWN;
}

/** One run with nothing known stands for all further calls: recursion, and functions that multiply. */
function callGenerally(
  machine: Machine,
  definitions: readonly FunctionCommand[],
  { state, calls }: { state: State; calls: { isGeneral: boolean } },
): Outcome {
  state.variables.clear();
  if (calls.isGeneral) return UNKNOWN;
  calls.isGeneral = true;
  runDefinitions(machine, definitions, { ...state, args: undefined });
  return UNKNOWN;
}

function runDefinitions(machine: Machine, definitions: readonly FunctionCommand[], from: State) {
  return definitions.map(({ body }) => {
    const inside = copyOf(from);
    return { outcome: machine.run([body], inside), state: inside };
  });
}

function containsReturn(definitions: readonly FunctionCommand[]): boolean {
  return definitions.some(({ body }) => /\breturn\b/.test(body.text));
}

/** The text of `sh -c`, `eval` or `trap`; one that is not a script fails when it runs. */
function runInner(machine: Machine, script: string | undefined, { command, state }: Performance): void {
  if (script === undefined) return;
  machine.steps += Math.ceil(script.length / 100);
  let list = machine.inner.get(script);
  if (!machine.inner.has(script)) {
    list = parseInner(script, command.line);
    machine.inner.set(script, list);
  }
  if (list !== undefined) machine.run(list, copyOf(state));
}

function parseInner(script: string, line: number): List | undefined {
  try {
    return parseShell(script, line);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
