import { type ByteString, toText } from '../../formats/bytes/index.ts';
import {
  type Command,
  expandFields,
  expandWord,
  type List,
  listsOfWord,
  type SimpleCommand,
  type Word,
} from '../../formats/shell/index.ts';
import { type Classified, classify, type Meaning } from './classify.ts';
import { type Call, isExhausted, type Machine } from './machine.ts';
import type { Finding } from './model.ts';
import { listsOf } from './variables.ts';
import { unwrap } from './wrappers.ts';

/** Builtins that say nothing by themselves. */
const QUIET = new Set([
  ':',
  'true',
  'false',
  'echo',
  'printf',
  'set',
  'shift',
  'exit',
  'return',
  'break',
  'continue',
  '[',
  'test',
  'local',
  'export',
  'read',
  'unset',
  'cd',
  'umask',
]);

export interface Report {
  readonly findings: Finding[];
  /** Whether all of the script was followed, and all that was found is there. */
  readonly isComplete: boolean;
}

/** A real script has some hundred. */
const FINDINGS_MAX = 5000;

/** Turns what was followed into findings, in the order of the script. */
export function reportFindings(machine: Machine, list: List, script: string): Report {
  const reporter: Reporter = { machine, script, findings: new Map() };
  visit(reporter, list, undefined);
  for (const inner of machine.inner.values()) if (inner !== undefined) visit(reporter, inner, undefined);
  const findings = [...reporter.findings.values()].sort((a, b) => a.line - b.line);
  const isCut = findings.length >= FINDINGS_MAX;
  return { findings, isComplete: !isCut && !isExhausted(machine) };
}

interface Reporter {
  readonly machine: Machine;
  readonly script: string;
  /** By what they say: a line is reported once. */
  readonly findings: Map<string, Finding>;
}

/** `guard`: what keeps all of the list from running, if anything does. */
function visit(reporter: Reporter, list: List, guard: string | undefined): void {
  for (const command of list) {
    if (reporter.findings.size >= FINDINGS_MAX) return;
    const own = reporter.machine.skipped.get(command) ?? guard;
    if (command.kind === 'simple') reportSimple(reporter, command, own);
    const inside = command.kind === 'function' ? `the function ${command.name} is not called` : own;
    for (const inner of [...listsOf(command), ...wordsOf(command).flatMap(listsOfWord)])
      visit(reporter, inner, inside);
  }
}

function wordsOf(command: Command): Word[] {
  const redirected = command.redirects.flatMap(({ target, document }) => [document ?? target]);
  switch (command.kind) {
    case 'simple':
      return [...command.assignments.map(({ value }) => value), ...command.words, ...redirected];
    case 'case':
      return [command.subject, ...command.arms.flatMap(({ patterns }) => patterns), ...redirected];
    case 'for':
      return [...(command.words ?? []), ...redirected];
    case 'condition':
      return [...command.words, ...redirected];
    default:
      return redirected;
  }
}

function reportSimple(reporter: Reporter, command: SimpleCommand, guard: string | undefined): void {
  const calls = reporter.machine.live.get(command);
  if (calls !== undefined) {
    for (const call of calls) addAll(reporter, command, classify(call));
    return;
  }
  for (const call of unknownCalls(command)) {
    const { meanings, ...rest } = classify(call);
    // Of a script that was not followed to its end nothing is ruled out.
    if (isExhausted(reporter.machine)) {
      addAll(reporter, command, { meanings, ...rest });
      continue;
    }
    // A name that is not known may be that of a function.
    const telling = meanings.filter(
      ({ severity, category }) => severity !== 'safe' && category !== 'program',
    );
    addAll(reporter, command, { meanings: telling, ...rest }, guard ?? 'nothing leads to it');
  }
}

/** The calls of a command that nothing is known about. */
function unknownCalls({ words, redirects }: SimpleCommand): Call[] {
  const nothing = () => undefined;
  const fields = expandFields(words.slice(0, 100), nothing);
  const targets = redirects.flatMap(({ operator, target }) => {
    const { value } = expandWord(target, nothing);
    return operator.startsWith('<<') || value === undefined ? [] : [value];
  });
  const wrapped = unwrap(fields).fields;
  const calls: Call[] = [{ fields, targets }];
  if (wrapped !== undefined && wrapped.length > 0) calls.push({ fields: wrapped, targets: [] });
  return calls;
}

function addAll(reporter: Reporter, command: SimpleCommand, classified: Classified, keptBy?: string): void {
  const guard = keptBy === undefined ? undefined : cut(keptBy);
  const { meanings } = classified;
  const programs = classified.programs.map(name => toText(name as ByteString));
  const paths = classified.paths.map(path => toText(path as ByteString));
  const [program] = programs;
  for (const meaning of meanings) {
    const isQuiet = program === undefined || QUIET.has(program);
    if (meaning.severity === 'safe' && isQuiet && paths.length === 0) continue;
    const finding = { ...findingOf(reporter.script, command, meaning), programs, paths };
    const key = JSON.stringify([finding.line, finding.command, finding.category, programs, paths]);
    const known = reporter.findings.get(key);
    if (known?.live === true || reporter.findings.size >= FINDINGS_MAX) continue;
    reporter.findings.set(
      key,
      guard === undefined
        ? { ...finding, live: true, guard: undefined }
        : { ...finding, severity: 'handled', reason: `it does not run: ${guard}`, live: false, guard },
    );
  }
}

const COMMAND_MAX = 160;

function findingOf(script: string, command: SimpleCommand, { severity, category, reason }: Meaning) {
  return { severity, script, line: command.line, command: cut(command.text), category, reason };
}

/** One line for people. */
export function cut(text: string): string {
  const line = text.slice(0, COMMAND_MAX * 2).replace(/(?:\\\n|\s)+/g, ' ');
  return toText((line.length > COMMAND_MAX ? `${line.slice(0, COMMAND_MAX)}...` : line) as ByteString);
}
