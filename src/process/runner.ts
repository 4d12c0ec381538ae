import {
  type ChildProcess,
  cannotStart,
  collectTail,
  feedInputs,
  interrupted,
  killGroup,
  STDERR_TAIL_BYTES,
  spawner,
} from './child.ts';
import { type Command, CommandFailed } from './command.ts';
import { type Idled, type IdleOptions, watchIdle } from './idle.ts';

/** For `okCodes`, when a program may end as it likes. */
export const ANY_EXIT_CODE: readonly number[] = Array.from({ length: 256 }, (_, code) => code);

export interface RunOptions {
  /** Exit codes that are no failure; default [0]. */
  readonly okCodes?: readonly number[];
  readonly timeoutMs?: number;
  /** Ends it as an interruption does, for a reason of the caller's. */
  readonly signal?: AbortSignal;
  /** Ends it when it does nothing for some time. */
  readonly idle?: IdleOptions;
  /** Bytes of stdout kept; more is a failure. Default 64 MiB. */
  readonly maxStdoutBytes?: number;
  /** Sees stderr (and, with `mergeOutput`, stdout) as it comes, for logs and progress. */
  readonly onOutput?: (chunk: Buffer) => void;
  /** Sends stdout to `onOutput` too instead of keeping it. */
  readonly mergeOutput?: boolean;
  /** Sees each line the program writes to its file descriptor 3. */
  readonly onStatusLine?: (line: string) => void;
}

export interface Output {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderrTail: string;
  readonly durationMs: number;
}

export interface RunnerOptions {
  /** Ends every running program when it aborts. */
  readonly signal?: AbortSignal;
  /** Variables to pass on beyond PATH and LC_ALL, such as TERM and proxies. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A program that runs until `release`, which closes its stdin and waits for its end. It also ends when we die. */
export interface Held {
  readonly pid: number;
  release(): Promise<void>;
}

/** The one way the program starts other programs. */
export interface Runner {
  /** Runs to the end. Throws CommandFailed, or HOST_UNSUPPORTED when the tool is not installed. */
  run(command: Command, options?: RunOptions): Promise<Output>;
  /** Starts a program that stays until told to end; resolves when it has printed the line `ready`. */
  hold(command: Command): Promise<Held>;
  /** Runs with the terminal attached; resolves to its exit code (128+N for a signal). */
  interact(command: Command): Promise<number>;
}

const MAX_STDOUT_BYTES = 64 * 1024 * 1024;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function createRunner(options: RunnerOptions = {}): Runner {
  const environment = baseEnvironment(options.environment ?? {});
  return {
    run: (command, runOptions = {}) =>
      run(command, runOptions, environment, eitherOf(options.signal, runOptions.signal)),
    hold: command => hold(command, environment),
    interact: command => interact(command, environment),
  };
}

function eitherOf(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return AbortSignal.any([one, other]);
}

const SMALL_ENVIRONMENT = { PATH, LC_ALL: 'C.UTF-8' };

function environmentOf(command: Command, passedOn: Record<string, string>): Record<string, string> {
  return { ...(command.withoutUsersEnvironment ? SMALL_ENVIRONMENT : passedOn), ...command.env };
}

function baseEnvironment(extra: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const environment: Record<string, string> = { ...SMALL_ENVIRONMENT };
  for (const [name, value] of Object.entries(extra)) if (value !== undefined) environment[name] = value;
  return environment;
}

/** Signals that a terminal or a service manager sends to all that belongs together. */
const STOP_SIGNALS: ReadonlySet<string | null> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP']);
/** How long after a program's end by one of them its own is waited for. */
const OWN_SIGNAL_MS = 100;

function run(
  command: Command,
  options: RunOptions,
  environment: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Output> {
  if (signal?.aborted) return Promise.reject(interrupted(command));
  const started = performance.now();
  const { child, stdout, stderr } = start(command, options, environment);
  return new Promise((resolve, reject) => {
    let stop: 'timeout' | 'abort' | 'idle' | undefined;
    let idled: Idled | undefined;
    const end = (why: 'timeout' | 'abort' | 'idle') => {
      stop ??= why;
      killGroup(child);
    };
    const onAbort = () => end('abort');
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      options.timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), options.timeoutMs);
    const stopWatching = watchOutput(child, options.idle, found => {
      idled = found;
      end('idle');
    });
    const finish = () => {
      clearTimeout(timer);
      stopWatching();
      signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', error => {
      finish();
      reject(cannotStart(command, error));
    });
    const settle = (code: number | null, ended: NodeJS.Signals | null) => {
      finish();
      if (stop === 'abort') return reject(interrupted(command));
      const stderrTail = stderr.text();
      if (stop === 'timeout') return reject(new CommandFailed(command, { timedOut: true, stderrTail }));
      if (stop === 'idle' && idled !== undefined)
        return reject(new CommandFailed(command, { idle: idled, stderrTail, stdoutTail: tailOf(stdout()) }));
      if (ended !== null) return reject(new CommandFailed(command, { signal: ended, stderrTail }));
      const exitCode = code ?? 0;
      if (!(options.okCodes ?? [0]).includes(exitCode))
        return reject(
          new CommandFailed(command, { exitStatus: exitCode, stderrTail, stdoutTail: tailOf(stdout()) }),
        );
      const bytes = stdout();
      if (bytes instanceof Error) return reject(bytes);
      resolve({ exitCode, stdout: bytes, stderrTail, durationMs: performance.now() - started });
    };
    child.on('close', (code, ended) => {
      // Ctrl-C reaches every process of the terminal: that this one should stop may be heard after the program's end.
      const mayBeStopped = signal !== undefined && stop === undefined && STOP_SIGNALS.has(ended);
      if (mayBeStopped) setTimeout(() => settle(code, ended), OWN_SIGNAL_MS);
      else settle(code, ended);
    });
  });
}

/** Watches a program for doing nothing; what it gives back ends that. */
function watchOutput(
  child: ChildProcess,
  idle: IdleOptions | undefined,
  onIdle: (idled: Idled) => void,
): () => void {
  if (idle === undefined || child.pid === undefined) return () => undefined;
  const watch = watchIdle(idle, child.pid, onIdle);
  for (const stream of child.stdio.slice(1, 4)) stream?.on('data', () => watch.heard());
  return watch.stop;
}

/** What is kept of what it says is collected from the beginning. */
function start(command: Command, options: RunOptions, environment: Record<string, string>) {
  const child = spawner()(command.tool, command.args, {
    cwd: command.cwd,
    env: environmentOf(command, environment),
    // Its own process group, so that what it starts ends with it.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', options.onStatusLine ? 'pipe' : 'ignore', ...pipes(command)],
  });
  feedInputs(child, command.inputs);
  const stdout = collectStdout(child, options);
  const stderr = collectTail(child, options.onOutput);
  if (options.mergeOutput) child.stdout?.on('data', stderr.keep);
  if (options.onStatusLine) readLines(child, options.onStatusLine);
  // A program may end before it has read all of its input: EPIPE there is its business, its exit code tells.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(command.stdin);

  return { child, stdout, stderr };
}

function hold(command: Command, environment: Record<string, string>): Promise<Held> {
  const child = spawner()(command.tool, command.args, {
    cwd: command.cwd,
    env: environmentOf(command, environment),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stderr = collectTail(child);
  const ended = new Promise<void>(resolve => child.on('close', () => resolve()));
  child.stdin.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    child.on('error', error => reject(cannotStart(command, error)));
    child.on('close', (code, signal) =>
      reject(
        new CommandFailed(command, {
          ...(code === null ? {} : { exitStatus: code }),
          ...(signal === null ? {} : { signal }),
          stderrTail: stderr.text(),
        }),
      ),
    );
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-STDERR_TAIL_BYTES);
      if (!said.includes('ready\n') || child.pid === undefined) return;
      resolve({
        pid: child.pid,
        release() {
          child.stdin.end();
          return ended;
        },
      });
    });
  });
}

function pipes(command: Command): 'pipe'[] {
  return (command.inputs ?? []).map(() => 'pipe');
}

function interact(command: Command, environment: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawner()(command.tool, command.args, {
      cwd: command.cwd,
      env: environmentOf(command, environment),
      stdio: ['inherit', 'inherit', 'inherit', 'ignore', ...pipes(command)],
    });
    feedInputs(child, command.inputs);
    child.on('error', error => reject(cannotStart(command, error)));
    child.on('close', (code, ended) => resolve(code ?? 128 + signalNumber(ended)));
  });
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGTERM: 15,
};

function signalNumber(name: string | null): number {
  return name === null ? 0 : (SIGNALS[name] ?? 0);
}

function collectStdout(child: ChildProcess, options: RunOptions): () => Buffer | Error {
  const limit = options.maxStdoutBytes ?? MAX_STDOUT_BYTES;
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    if (options.mergeOutput) return options.onOutput?.(chunk);
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  });
  return () =>
    size <= limit ? Buffer.concat(chunks) : new Error(`${child.spawnfile} printed more than ${limit} bytes`);
}

function tailOf(stdout: Buffer | Error): string {
  return stdout instanceof Error ? '' : stdout.subarray(-STDERR_TAIL_BYTES).toString('utf8');
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}
