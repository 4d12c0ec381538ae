import {
  type AndOrCommand,
  and,
  type CaseCommand,
  type Command,
  compareWithNothing,
  evaluateTest,
  type IfCommand,
  type List,
  matchesPattern,
  not,
  or,
  type Redirect,
  type SimpleCommand,
  type Truth,
} from '../../../formats/shell/index.ts';
import { fieldsOf, mayFail, parsePreinst, runsCommand, textOf, wordsOf } from './parsed.ts';

/** What running something does. */
interface Outcome {
  /** It may change something, or fail. */
  readonly hasEffect: boolean;
  /** The script ends there, with success. */
  readonly ends: boolean;
  readonly truth: Truth;
}

const NOTHING: Outcome = { hasEffect: false, ends: false, truth: true };
const EFFECT: Outcome = { hasEffect: true, ends: false, truth: undefined };

/**
 * Whether a preinst, run as `preinst install` for a package that was never there, certainly does nothing and succeeds. It knows
 * the parts of scripts that only upgrades use: dpkg-maintscript-helper, branches on `$1` and `$2`. Whatever it does not
 * know counts as doing something.
 */
export function isNoOpOnInstall(script: Buffer): boolean {
  const list = parsePreinst(script);
  return list !== undefined && !runList(list, false).hasEffect;
}

/** `isTested`: failing is an answer there, and does not end the script as it does under `set -e`. */
function runList(list: List, isTested: boolean): Outcome {
  let last = NOTHING;
  for (const command of list) {
    last = run(command, isTested);
    if (last.hasEffect || last.ends) return last;
  }
  return last;
}

function run(command: Command, isTested: boolean): Outcome {
  if (!areHarmless(command.redirects)) return EFFECT;
  switch (command.kind) {
    case 'simple': {
      const outcome = runSimple(command);
      return isTested || outcome.truth === true ? outcome : EFFECT;
    }
    case 'and-or':
      return runAndOr(command.first, command.rest, isTested);
    case 'not': {
      const outcome = run(command.command, true);
      return { ...outcome, truth: not(outcome.truth) };
    }
    case 'pipeline':
      return runPipeline(command.parts, isTested);
    case 'if':
      return runIf(command, isTested);
    case 'case':
      return runCase(command, isTested);
    case 'group':
      return runList(command.body, isTested);
    case 'subshell':
      return { ...runList(command.body, isTested), ends: false };
    case 'function':
      // A call of another name is not known, so what it holds does not matter.
      return KNOWN.has(command.name) ? EFFECT : NOTHING;
    case 'loop':
    case 'for':
    case 'background':
    case 'condition':
    case 'arithmetic':
      return EFFECT;
  }
}

function runAndOr(first: Command, rest: AndOrCommand['rest'], isTested: boolean): Outcome {
  let left = run(first, rest.length > 0 || isTested);
  for (const [index, { operator, command }] of rest.entries()) {
    if (left.hasEffect || left.ends) return left;
    if (left.truth === (operator === '||')) continue;
    const right = run(command, isTested || index < rest.length - 1);
    const truth = operator === '&&' ? and(left.truth, right.truth) : or(left.truth, right.truth);
    left = { hasEffect: right.hasEffect, ends: right.ends && left.truth !== undefined, truth };
  }
  return left;
}

function runPipeline(parts: readonly Command[], isTested: boolean): Outcome {
  const outcomes = parts.map(part => run(part, true));
  const truth = outcomes.at(-1)?.truth;
  const hasEffect = outcomes.some(outcome => outcome.hasEffect) || (!isTested && truth !== true);
  return { hasEffect, ends: false, truth };
}

function runIf({ branches, otherwise }: IfCommand, isTested: boolean): Outcome {
  const possible: Outcome[] = [];
  for (const { condition, body } of branches) {
    const tested = runList(condition, true);
    if (tested.hasEffect || tested.ends) return tested;
    if (tested.truth !== false) possible.push(runList(body, isTested));
    if (tested.truth === true) return eitherOf(possible);
  }
  return eitherOf([...possible, runList(otherwise, isTested)]);
}

function runCase({ subject, arms }: CaseCommand, isTested: boolean): Outcome {
  if (runsCommand(subject) || mayFail(subject) || arms.some(({ end }) => end !== ';;')) return EFFECT;
  const possible: Outcome[] = [];
  for (const { patterns, body } of arms) {
    if (patterns.some(pattern => runsCommand(pattern) || mayFail(pattern))) return EFFECT;
    const matches = patterns
      .map(pattern => matchesPattern(textOf(subject), textOf(pattern)))
      .reduce(or, false);
    if (matches !== false) possible.push(runList(body, isTested));
    if (matches === true) return eitherOf(possible);
  }
  return eitherOf([...possible, NOTHING]);
}

function eitherOf(outcomes: readonly Outcome[]): Outcome {
  const [first = NOTHING, ...rest] = outcomes;
  return rest.reduce(
    (a, b) => ({
      hasEffect: a.hasEffect || b.hasEffect,
      ends: a.ends && b.ends,
      truth: a.truth === b.truth ? a.truth : undefined,
    }),
    first,
  );
}

/** Commands whose meaning `runSimple` relies on. */
const KNOWN = new Set(
  ': true echo printf export unset false set exit test [ dpkg dpkg-maintscript-helper'.split(' '),
);

function runSimple(command: SimpleCommand): Outcome {
  if (wordsOf(command).some(word => runsCommand(word) || mayFail(word))) return EFFECT;
  const [name, ...operands] = fieldsOf(command);
  if (command.words.length === 0) return NOTHING;
  switch (name) {
    case ':':
    case 'true':
    case 'echo':
    case 'printf':
    case 'export':
    case 'unset':
      return NOTHING;
    case 'false':
      return { ...NOTHING, truth: false };
    case 'set':
      return operands.every(operand => operand !== undefined && /^[-+][eux]+$/.test(operand))
        ? NOTHING
        : EFFECT;
    case 'exit':
      return operands.length === 0 || operands[0] === '0' ? { ...NOTHING, ends: true } : EFFECT;
    case 'test':
      return { ...NOTHING, truth: evaluateTest(operands) };
    case '[':
      return operands.at(-1) === ']' ? { ...NOTHING, truth: evaluateTest(operands.slice(0, -1)) } : EFFECT;
    case 'dpkg':
      if (operands[0] !== '--compare-versions') return EFFECT;
      return { ...NOTHING, truth: compareWithNothing(operands.slice(1)) };
    case 'dpkg-maintscript-helper':
      return runMaintscriptHelper(operands[0]);
    default:
      return EFFECT;
  }
}

/** Each asks first whether there is an old version (dpkg-maintscript-helper(1)). */
function runMaintscriptHelper(action: string | undefined): Outcome {
  if (action === 'supports') return { ...NOTHING, truth: undefined };
  const known = ['rm_conffile', 'mv_conffile', 'symlink_to_dir', 'dir_to_symlink'];
  return action !== undefined && known.includes(action) ? NOTHING : EFFECT;
}

function areHarmless(redirects: readonly Redirect[]): boolean {
  return redirects.every(({ operator, target }) => {
    const value = textOf(target);
    if (operator === '>&' || operator === '<&') return value !== undefined && /^\d$/.test(value);
    return value === '/dev/null';
  });
}
