import {
  type AndOrCommand,
  and,
  type CaseCommand,
  type Command,
  expandWord,
  type IfCommand,
  type List,
  type LoopCommand,
  listsOfWord,
  matchesPattern,
  not,
  or,
  type Part,
  type Truth,
  type Word,
} from '../../formats/shell/index.ts';
import { callSimple, fieldsIn } from './call.ts';
import {
  type End,
  exhaust,
  isExhausted,
  type Machine,
  type Outcome,
  openMachine,
  SUCCESS,
  skip,
  UNKNOWN,
} from './machine.ts';
import { assign, copyOf, joinInto, lookupIn, type State } from './state.ts';
import { truthOfCondition } from './truth.ts';
import { assignedIn } from './variables.ts';

/** A machine that follows a script in every direction which is not ruled out. */
export function createMachine(): Machine {
  const machine: Machine = openMachine((list, state) => runList(machine, list, state));
  return machine;
}

const ENDS: readonly End[] = ['none', 'loop', 'return', 'exit'];

/** One of several ways through a command. */
interface Way {
  readonly outcome: Outcome;
  readonly state: State;
}

/** What holds when one of the ways was taken; `state` becomes what is known then. */
function join(state: State, ways: readonly Way[]): Outcome {
  const going = ways.filter(({ outcome }) => outcome.end === 'none');
  joinInto(
    state,
    going.map(way => way.state),
  );
  const [first] = going;
  if (first === undefined) {
    const ranks = ways.map(({ outcome }) => ENDS.indexOf(outcome.end));
    return { end: ENDS[Math.min(...ranks)] ?? 'none', truth: undefined };
  }
  const { truth } = first.outcome;
  return { end: 'none', truth: going.every(({ outcome }) => outcome.truth === truth) ? truth : undefined };
}

/** What is behind a certain end is left out. */
function runList(machine: Machine, list: List, state: State): Outcome {
  let last = SUCCESS;
  for (const [index, command] of list.entries()) {
    last = run(machine, command, state);
    if (last.end === 'none') continue;
    const what = last.end === 'exit' ? 'script' : last.end === 'return' ? 'function' : 'loop';
    skip(machine, list.slice(index + 1), `the ${what} ends in line ${command.line}`);
    break;
  }
  return last;
}

/** One command, unless the script was too much. */
function run(machine: Machine, command: Command, state: State): Outcome {
  machine.steps += 1;
  machine.depth += 1;
  if (isExhausted(machine)) exhaust(machine);
  const outcome = isExhausted(machine) ? UNKNOWN : runOne(machine, command, state);
  machine.depth -= 1;
  return outcome;
}

function runOne(machine: Machine, command: Command, state: State): Outcome {
  if (command.kind === 'simple') return callSimple(machine, command, state);
  runWords(
    machine,
    command.redirects.flatMap(({ target, document }) => [target, document ?? target]),
    state,
  );
  switch (command.kind) {
    case 'and-or':
      return runAndOr(machine, command, state);
    case 'not': {
      const { end, truth } = run(machine, command.command, state);
      return { end, truth: not(truth) };
    }
    case 'pipeline': {
      const outcomes = command.parts.map(part => run(machine, part, copyOf(state)));
      return { end: 'none', truth: outcomes.at(-1)?.truth };
    }
    case 'background':
      run(machine, command.command, copyOf(state));
      return SUCCESS;
    case 'if':
      return runIf(machine, command, state);
    case 'case':
      return runCase(machine, command, state);
    case 'loop':
      return runLoop(machine, command, state);
    case 'for':
      return runFor(machine, command, state);
    case 'group':
      return runList(machine, command.body, state);
    case 'subshell': {
      const { end, truth } = runList(machine, command.body, copyOf(state));
      return { end: 'none', truth: end === 'none' ? truth : undefined };
    }
    case 'function':
      machine.functions.set(command.name, [
        ...(machine.functions.get(command.name) ?? []).slice(0, 9),
        command,
      ]);
      return SUCCESS;
    case 'condition': {
      runWords(machine, command.words, state);
      const values = command.words.map(word => expandWord(word, lookupIn(state)).value);
      return {
        end: 'none',
        truth: truthOfCondition(
          values,
          command.words.map(({ raw }) => raw),
        ),
      };
    }
    case 'arithmetic':
      runParts(machine, command.parts, state);
      return UNKNOWN;
  }
}

/** Runs the commands that are substituted in words. */
function runWords(machine: Machine, words: readonly Word[], state: State): void {
  for (const list of words.flatMap(listsOfWord)) runList(machine, list, copyOf(state));
}

function runParts(machine: Machine, parts: readonly Part[], state: State): void {
  runWords(machine, [{ line: 0, raw: '', parts }], state);
}

/** What is on the right is left out, taken, or one of two ways, by what is known of the left. */
function runAndOr(machine: Machine, { first, rest }: AndOrCommand, state: State): Outcome {
  let left = run(machine, first, state);
  let text = first.text;
  for (const [index, { operator, command }] of rest.entries()) {
    if (left.end !== 'none') {
      const others = rest.slice(index).map(({ command: other }) => other);
      skip(machine, others, `the script ends in line ${first.line}`);
      return left;
    }
    const runsOn = operator === '&&';
    if (left.truth === !runsOn) {
      skip(machine, [command], guardOf(text, !runsOn));
      continue;
    }
    if (left.truth === runsOn) left = run(machine, command, state);
    else {
      const inside = copyOf(state);
      const right = run(machine, command, inside);
      const truth = runsOn ? and(undefined, right.truth) : or(undefined, right.truth);
      const passed: Way = {
        outcome: { end: 'none', truth: right.end === 'none' ? truth : !runsOn },
        state: copyOf(state),
      };
      const taken: Way = { outcome: { end: right.end, truth }, state: inside };
      left = join(state, [taken, passed]);
    }
    text = command.text;
  }
  return left;
}

const GUARD_MAX = 80;

/** A decision in words. */
function guardOf(condition: string, truth: boolean): string {
  const line = condition.replace(/\s+/g, ' ');
  const cut = line.length > GUARD_MAX ? `${line.slice(0, GUARD_MAX)}...` : line;
  return `${cut} is ${truth}`;
}

function textOf(list: List): string {
  return list.map(({ text }) => text).join('; ');
}

/** Every body whose condition may hold is a way; after one that holds there are no others. */
function runIf(machine: Machine, { branches, otherwise }: IfCommand, state: State): Outcome {
  const ways: Way[] = [];
  for (const [index, { condition, body }] of branches.entries()) {
    const tested = runList(machine, condition, state);
    if (tested.end !== 'none') return join(state, [...ways, { outcome: tested, state: copyOf(state) }]);
    if (tested.truth === false) {
      skip(machine, body, guardOf(textOf(condition), false));
      continue;
    }
    const inside = copyOf(state);
    ways.push({ outcome: runList(machine, body, inside), state: inside });
    if (tested.truth === undefined) continue;
    const guard = guardOf(textOf(condition), true);
    for (const later of branches.slice(index + 1)) skip(machine, [...later.condition, ...later.body], guard);
    skip(machine, otherwise, guard);
    return join(state, ways);
  }
  const inside = copyOf(state);
  ways.push({ outcome: runList(machine, otherwise, inside), state: inside });
  return join(state, ways);
}

/** Every arm that may fit is a way, and so is none of them. */
function runCase(machine: Machine, { subject, arms }: CaseCommand, state: State): Outcome {
  runWords(machine, [subject, ...arms.flatMap(({ patterns }) => patterns)], state);
  const { value } = expandWord(subject, lookupIn(state));
  const ways: Way[] = [];
  let isDecided = false;
  let fallsInto = false;
  for (const { patterns, body, end } of arms) {
    const fits = patterns.map(pattern => matchesPattern(value, expandWord(pattern, lookupIn(state)).value));
    const matches: Truth = isDecided ? false : fits.reduce(or, false);
    if (matches === false && !fallsInto) {
      const wanted = patterns.map(({ raw }) => raw).join('|');
      skip(
        machine,
        body,
        value === undefined
          ? 'an earlier pattern fits'
          : `${subject.raw} is ${JSON.stringify(value)}, not ${wanted}`,
      );
      continue;
    }
    const inside = copyOf(state);
    ways.push({ outcome: runList(machine, body, inside), state: inside });
    fallsInto = end === ';&';
    if (matches === true && end !== ';;&') isDecided = true;
  }
  if (!isDecided) ways.push({ outcome: SUCCESS, state: copyOf(state) });
  return join(state, ways);
}

/** What a loop changes is not known while it runs. */
function forgetAssigned(machine: Machine, list: List, state: State): void {
  const names = assignedIn(list);
  for (const name of names) assign(state, name, undefined);
  if (names.has('shift') || names.has('set')) state.args = undefined;
  const runsOthers = ['source', 'eval', ...machine.functions.keys()].some(name => names.has(name));
  if (runsOthers || state.hasSourced) state.variables.clear();
}

/** One run stands for all: it begins with nothing known of what the loop changes. */
function runLoop(machine: Machine, { keyword, condition, body }: LoopCommand, state: State): Outcome {
  forgetAssigned(machine, [...condition, ...body], state);
  const tested = runList(machine, condition, state);
  if (tested.end !== 'none') return tested;
  if (tested.truth === (keyword === 'until')) {
    skip(machine, body, guardOf(textOf(condition), keyword === 'until'));
    return SUCCESS;
  }
  const inside = copyOf(state);
  const outcome = runList(machine, body, inside);
  return join(state, [
    { outcome: { end: 'none', truth: undefined }, state: outcome.end === 'none' ? inside : copyOf(state) },
    { outcome: UNKNOWN, state: copyOf(state) },
  ]);
}

function runFor(machine: Machine, command: Command & { kind: 'for' }, state: State): Outcome {
  const { name, words, body } = command;
  runWords(machine, words ?? [], state);
  if (words !== undefined && fieldsIn(words, state).length === 0) {
    skip(machine, body, `the loop of line ${command.line} has nothing to go through`);
    return SUCCESS;
  }
  forgetAssigned(machine, body, state);
  if (name !== undefined) assign(state, name, undefined);
  const inside = copyOf(state);
  const outcome = runList(machine, body, inside);
  const passed: Way = { outcome: UNKNOWN, state: copyOf(state) };
  return join(state, outcome.end === 'none' ? [{ outcome: UNKNOWN, state: inside }, passed] : [passed]);
}
