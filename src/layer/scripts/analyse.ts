import { FormatError } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';
import { type List, parseShell } from '../../formats/shell/index.ts';
import { createMachine } from './execute.ts';
import { type Interpreter, readInterpreter, severityOf } from './interpreter.ts';
import type { Finding } from './model.ts';
import { cut, reportFindings } from './report.ts';
import { type Arguments, runsOf, type Situation } from './situation.ts';

export interface ScriptInput {
  /** `preinst`, `postinst`, `prerm`, `postrm` or `config`. */
  readonly name: string;
  readonly bytes: Buffer;
  readonly package: string;
}

export interface ScriptOptions {
  /** `install` (the default): the package was never there. */
  readonly situation?: Situation;
  /** The version before an upgrade, if it is known. */
  readonly from?: string;
  /** Whether dpkg also runs the postinst for triggers. */
  readonly isTriggered?: boolean;
  /** Whether an interpreter is there; by default each is. */
  readonly isInstalled?: (path: string) => boolean;
}

export interface ScriptReport {
  readonly name: string;
  /** `sh`, `perl`, `ELF` ... */
  readonly interpreter: string;
  /** In the order of the script. Those that are not live only tell why they are no problem. */
  readonly findings: readonly Finding[];
}

/**
 * What a maintainer script would do while an image is built: offline, without services, in a sandbox. It is followed in every
 * direction that the situation does not rule out; nothing is run. Never throws for what a script holds.
 */
export function analyseScript(input: ScriptInput, options: ScriptOptions = {}): ScriptReport {
  const { name, bytes } = input;
  const interpreter = readInterpreter(bytes);
  const report = (findings: readonly Finding[]): ScriptReport => ({
    name,
    interpreter: toText(interpreter.name as ByteString),
    findings,
  });
  const runs = runsOf(name, options.situation ?? 'install', options);
  if (runs.length === 0) return report([]);
  const findings = interpreterFindings(name, interpreter, options);
  if (interpreter.kind === 'other' || interpreter.kind === 'program') return report(findings);
  try {
    return report([...findings, ...followScript(input, parseShell(bytes.toString('latin1')), runs)]);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { line = 1 } = error.position;
    const reason = `it is no shell script: ${cut(error.reason)}`;
    return report([...findings, wholeScript(name, { severity: 'fatal', category: 'syntax', reason, line })]);
  }
}

function interpreterFindings(
  script: string,
  interpreter: Interpreter,
  { isInstalled }: ScriptOptions,
): Finding[] {
  const { name, path, kind } = interpreter;
  const add = (severity: Finding['severity'], reason: string) => [
    wholeScript(script, {
      severity,
      category: 'interpreter',
      reason,
      line: 1,
      program: toText(name as ByteString),
    }),
  ];
  if (path !== undefined && isInstalled?.(path) === false)
    return add('fatal', `its interpreter ${toText(path as ByteString)} is not installed`);
  if (kind === 'none') return add('warning', 'it names no interpreter: it is taken for a shell script');
  return kind === 'shell' ? [] : add(severityOf(interpreter), 'it is not shell: it cannot be analysed');
}

/** Something about the script as a whole. */
function wholeScript(
  script: string,
  {
    line,
    program,
    ...rest
  }: Pick<Finding, 'severity' | 'category' | 'reason' | 'line'> & { program?: string },
): Finding {
  const programs = program === undefined ? [] : [program];
  return { script, line, command: script, ...rest, live: true, guard: undefined, programs, paths: [] };
}

function followScript(input: ScriptInput, list: List, runs: readonly Arguments[]): Finding[] {
  const machine = createMachine();
  for (const args of runs) {
    machine.functions.clear();
    machine.calls.clear();
    machine.run(list, { args, variables: environmentOf(input), hasSourced: false });
  }
  const { findings, isComplete } = reportFindings(machine, list, input.name);
  if (isComplete) return findings;
  const reason =
    'it is too involved to be followed: all of it counts as running, and not all of it is listed';
  return [...findings, wholeScript(input.name, { severity: 'warning', category: 'shell', reason, line: 1 })];
}

/** What dpkg and the build set (dpkg(1), ENVIRONMENT). */
function environmentOf({ name, package: owner }: ScriptInput): Map<string, string> {
  return new Map([
    ['DPKG_ROOT', ''],
    ['DPKG_MAINTSCRIPT_NAME', name],
    ['DPKG_MAINTSCRIPT_PACKAGE', owner],
    ['DEBIAN_FRONTEND', 'noninteractive'],
  ]);
}
