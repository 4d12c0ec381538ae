import { FormatError } from '../../../errors/index.ts';
import { and, compareWithNothing, evaluateTest, not, or, type Truth, valuesOf } from './conditions.ts';
import { type Command, type List, parseScript, type Redirect, type SimpleCommand } from './syntax.ts';

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

/** The program that `#!` names, or undefined when there is no such line. */
export function interpreterOf(script: Buffer): string | undefined {
  const line = script.toString('latin1', 0, Math.min(script.length, 256)).split('\n', 1)[0] ?? '';
  return /^#![ \t]*(\S+)/.exec(line)?.[1];
}

/** Whether a shell that the recogniser knows runs the script. */
export function isShellScript(script: Buffer): boolean {
  return /^\/(?:usr\/)?bin\/(?:sh|dash|bash)$/.test(interpreterOf(script) ?? '');
}

/** Longer ones are not looked at. */
export const SCRIPT_BYTES_MAX = 64 * 1024;

/**
 * Whether a preinst, run as `preinst install` for a package that was never there, certainly does nothing and succeeds. It knows
 * the parts of scripts that only upgrades use: dpkg-maintscript-helper, branches on `$1` and `$2`. Whatever it does not
 * know counts as doing something.
 */
export function isNoOpOnInstall(script: Buffer): boolean {
  if (!isShellScript(script) || script.length > SCRIPT_BYTES_MAX) return false;
  try {
    return !runList(parseScript(script.toString('latin1')), false).hasEffect;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
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
  switch (command.kind) {
    case 'simple': {
      const outcome = runSimple(command);
      return isTested || outcome.truth === true ? outcome : EFFECT;
    }
    case 'and':
    case 'or':
      return runAndOr(command, isTested);
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
      return areHarmless(command.redirects) ? runList(command.body, isTested) : EFFECT;
    case 'subshell': {
      const outcome = areHarmless(command.redirects) ? runList(command.body, isTested) : EFFECT;
      return { ...outcome, ends: false };
    }
    case 'loop':
      return EFFECT;
    case 'function':
      // A call of another name is not known, so what it holds does not matter.
      return KNOWN.has(command.name) ? EFFECT : NOTHING;
  }
}

function runAndOr(command: Command & { kind: 'and' | 'or' }, isTested: boolean): Outcome {
  const left = run(command.left, true);
  const decided = command.kind !== 'and';
  if (left.hasEffect || left.ends || left.truth === decided) return left;
  const right = run(command.right, isTested);
  const truth = command.kind === 'and' ? and(left.truth, right.truth) : or(left.truth, right.truth);
  return { hasEffect: right.hasEffect, ends: right.ends && left.truth !== undefined, truth };
}

function runPipeline(parts: readonly Command[], isTested: boolean): Outcome {
  const outcomes = parts.map(part => run(part, true));
  const truth = outcomes.at(-1)?.truth;
  const hasEffect = outcomes.some(outcome => outcome.hasEffect) || (!isTested && truth !== true);
  return { hasEffect, ends: false, truth };
}

function runIf(command: Command & { kind: 'if' }, isTested: boolean): Outcome {
  const condition = runList(command.condition, true);
  if (condition.hasEffect || condition.ends) return condition;
  if (condition.truth === true) return runList(command.then, isTested);
  const otherwise = runList(command.otherwise, isTested);
  return condition.truth === false ? otherwise : eitherOf([runList(command.then, isTested), otherwise]);
}

function runCase({ subject, arms }: Command & { kind: 'case' }, isTested: boolean): Outcome {
  if (subject.runsCommand) return EFFECT;
  const possible: Outcome[] = [];
  for (const { patterns, body } of arms) {
    const matches = patterns.map(pattern => matchesPattern(subject.value, pattern.value)).reduce(or, false);
    if (matches !== false) possible.push(runList(body, isTested));
    if (matches === true) return eitherOf(possible);
  }
  return eitherOf([...possible, NOTHING]);
}

/** Whether a word of a `case` fits a pattern; undefined when that is not known. */
export function matchesPattern(subject: string | undefined, pattern: string | undefined): Truth {
  if (pattern === '*') return true;
  if (subject === undefined || pattern === undefined || /[*?[\]\\]/.test(pattern)) return undefined;
  return subject === pattern;
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

function runSimple({ assignments, words, redirects }: SimpleCommand): Outcome {
  if ([...assignments, ...words].some(word => word.runsCommand) || !areHarmless(redirects)) return EFFECT;
  const [name, ...operands] = valuesOf(words);
  if (words.length === 0) return NOTHING;
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
    if (operator === '>&' || operator === '<&')
      return target.value !== undefined && /^\d$/.test(target.value);
    return target.value === '/dev/null';
  });
}
