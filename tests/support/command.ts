import { type SpawnOptions, spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the test's own environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Buffer;
  /** Kills the program's whole process group when it takes longer. */
  readonly timeoutMs?: number;
}

export interface Result {
  /** Exit code, or 128+N after signal N, as a shell says it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Exit code in the way of a shell, from what the `close` event of a child says. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : (SIGNAL_NUMBERS[signal] ?? 0));
}

/** Sends a signal to a process, or with a negative number to a process group; one that is gone is no failure. */
export function killIfAlive(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Runs a program to its end, whatever its exit code. Asynchronous, so that a server of this process can answer it. */
export function execute(
  tool: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Result> {
  const spawnOptions: SpawnOptions = {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  };
  const child = spawn(tool, args, spawnOptions);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A program that does not read all of its input is no failure.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.stdin);
  return new Promise((resolve, reject) => {
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => child.pid !== undefined && killIfAlive(-child.pid, 'SIGKILL'), options.timeoutMs);
    child.on('error', error => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        code: exitCode(code, signal),
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  });
}

/** Runs a program that must succeed; resolves to its stdout. The error shows the command and the end of what it said. */
export async function must(
  tool: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await execute(tool, args, options);
  if (result.code === 0) return result.stdout;
  const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-30).join('\n');
  throw new Error(`${tool} ${args.join(' ')} ended with exit code ${result.code}:\n${said}`);
}
