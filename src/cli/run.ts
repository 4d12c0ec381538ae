import { type App, createApp, type GlobalOptions } from '../app/index.ts';
import { type CommandDefinition, createStyle, verbOf } from '../commands/index.ts';
import { AptLayerError, ERROR_CODES, explained } from '../errors/index.ts';
import { describeError, renderError } from './describe-error.ts';
import { type Invocation, parseInvocation } from './invocation.ts';
import { withPriority } from './progress/log-line.ts';
import { allCommands, createRegistry } from './registry.ts';
import { createProgress, usesColor } from './reporters.ts';
import { type StopWatch, watchForStop } from './signals.ts';
import type { Terminal } from './terminal.ts';

/** From the words of the command line to the exit code. Prints the result or the error; never throws. */
export async function runCommandLine(
  argv: readonly string[],
  terminal: Terminal,
  definitions: readonly CommandDefinition[] = allCommands,
): Promise<number> {
  let stop: StopWatch | undefined;
  let verb = 'apt-layer';
  // Known before the command line is: errors in it are to be shown the right way too.
  const asked = wordsBeforeRest(argv);
  const form = {
    json: asked.includes('--json'),
    showStack: asked.some(word => /^(-v|--verbose|--debug)$/.test(word)),
  };
  try {
    const invocation = parseInvocation(createRegistry(definitions), argv);
    verb = verbOf(invocation.definition);
    stop = watchForStop(terminal.signals, code => terminal.exit(code));
    const code = await execute(invocation, { argv, terminal, stop });
    return invocation.isEmpty ? ERROR_CODES.USAGE.exit : code;
  } catch (error) {
    const told = wasStopped(error, stop) ? stop?.signal.reason : explained(verb, error);
    return fail(told, { ...form, terminal, signalNumber: stop?.received() });
  } finally {
    stop?.dispose();
  }
}

/** Whether an error is only what the signal did to the program that was running just then. */
function wasStopped(error: unknown, stop: StopWatch | undefined): boolean {
  return error instanceof AptLayerError && error.code === 'INTERRUPTED' && stop?.received() !== undefined;
}

async function execute(
  { definition, args, globals }: Invocation,
  context: { argv: readonly string[]; terminal: Terminal; stop: StopWatch },
): Promise<number> {
  const { argv, terminal, stop } = context;
  checkRoot(definition, globals, terminal.userId);
  const progress = createProgress(globals, terminal);
  try {
    const { ask } = terminal;
    const app: App = createApp({
      globals,
      argv,
      report: progress.reporter,
      signal: stop.signal,
      environment: terminal.environment,
      ask:
        ask === undefined
          ? undefined
          : question => {
              progress.clear();
              return ask(question);
            },
    });
    const { command } = await definition.load();
    const result: unknown = await command.run(app, args);
    progress.close();
    if (globals.json) printJson(terminal, command.toJson === undefined ? result : command.toJson(result));
    else {
      const { stdout } = terminal;
      const columns = stdout.isTerminal ? stdout.columns() : Number.POSITIVE_INFINITY;
      print(
        terminal,
        command.render(
          result,
          createStyle({ color: usesColor(globals, terminal, stdout.isTerminal), columns }),
        ),
      );
    }
    return command.exitCode?.(result) ?? 0;
  } finally {
    progress.close();
  }
}

function checkRoot(definition: CommandDefinition, globals: GlobalOptions, userId: number): void {
  const { needsRoot = false } = definition;
  if (userId === 0 || needsRoot === false || (needsRoot === 'to-change' && globals.dryRun)) return;
  throw new AptLayerError('PERMISSION', `${verbOf(definition)} needs root`, {
    hint: needsRoot === 'to-change' ? 'run it with sudo, or with --dry-run' : 'run it with sudo',
  });
}

function fail(
  error: unknown,
  context: { json: boolean; showStack: boolean; terminal: Terminal; signalNumber: number | undefined },
): number {
  const { terminal } = context;
  const document = describeError(error, context.signalNumber);
  if (context.json) printJson(terminal, { error: document });
  const text = context.json
    ? renderError(error, { ...document, causes: [], hint: null }, context.showStack)
    : renderError(error, document, context.showStack);
  terminal.stderr.write(terminal.isJournal ? withPriority('error', text) : text);
  return document.exitCode;
}

function print(terminal: Terminal, output: string | Uint8Array): void {
  if (output.length === 0) return;
  const needsNewline = typeof output === 'string' && !output.endsWith('\n');
  terminal.stdout.write(needsNewline ? `${output}\n` : output);
}

function printJson(terminal: Terminal, value: unknown): void {
  const text = JSON.stringify(
    value ?? null,
    (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner),
    2,
  );
  terminal.stdout.write(`${text}\n`);
}

/** The exit code of a run whose output has all been written, or could not be: that is an error, whatever was done before it. */
export function exitCodeAfterOutput(code: number, terminal: Terminal): number {
  const failure = terminal.stdout.failure?.();
  if (failure === undefined) return code;
  const error = explained('what was to be printed did not arrive whole', failure);
  const exit = fail(error, { json: false, showStack: false, terminal, signalNumber: undefined });
  return code === 0 ? exit : code;
}

function wordsBeforeRest(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}

/** For an error that nobody was waiting for (an event, a rejection): says that it is a bug; returns the exit code. */
export function failUnexpectedly(error: unknown, terminal: Terminal): number {
  return fail(error, { json: false, showStack: true, terminal, signalNumber: undefined });
}
