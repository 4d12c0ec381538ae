import { spawn } from 'node:child_process';
import path from 'node:path';
import { execute, exitCode, killIfAlive, type Result } from './command.ts';
import { lineWatch, onLines } from './line-watch.ts';
import { CHECKOUT } from './places.ts';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Buffer;
  /** Default ten minutes; a run that takes longer is killed. */
  readonly timeoutMs?: number;
  /** Takes the place of the machine's skopeo for this run. */
  readonly skopeo?: string | undefined;
}

export interface ProgramResult extends Result {
  /** stdout as JSON; fails with what the program said when it is not. */
  json(): unknown;
}

const DEFAULT_TIMEOUT_MS = 600_000;

/** Programs are looked for in fixed places: the other one is mounted there, for its own namespace. */
const MOUNTED = ['unshare', '--mount', 'sh', '-ec', 'mount --bind "$0" /usr/bin/skopeo; exec "$@"'];

function commandLine(sysroot: string | undefined, args: readonly string[]): string[] {
  return [
    path.join(CHECKOUT, 'bin/apt-layer'),
    ...(sysroot === undefined ? [] : ['--sysroot', sysroot]),
    ...args,
  ];
}

/** Runs the built program, whatever its exit code; `sysroot` undefined leaves `--sysroot` out. */
export async function aptLayer(
  sysroot: string | undefined,
  args: readonly string[],
  { skopeo, ...options }: ProgramOptions = {},
): Promise<ProgramResult> {
  const command = [process.execPath, ...commandLine(sysroot, args)];
  const [tool = '', ...words] = skopeo === undefined ? command : [...MOUNTED, skopeo, ...command];
  return withJson(await execute(tool, words, { timeoutMs: DEFAULT_TIMEOUT_MS, ...options }));
}

/** The same for a run that must end with exit code 0. */
export async function aptLayerMust(
  sysroot: string | undefined,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const result = await aptLayer(sysroot, args, options);
  if (result.code !== 0)
    throw new Error(`apt-layer ${args.join(' ')} ended with exit code ${result.code}:\n${result.stderr}`);
  return result;
}

function withJson(result: Result): ProgramResult {
  return {
    ...result,
    json() {
      try {
        return JSON.parse(result.stdout);
      } catch (error) {
        throw new Error(`not JSON: ${result.stdout.slice(0, 1000)}\n${result.stderr.slice(-2000)}`, {
          cause: error,
        });
      }
    },
  };
}

/** The program while it runs in the background. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** The JSON lines of `--progress-fd` so far. */
  readonly progress: readonly string[];
  /** Resolves with the first line of progress or of stderr that matches; fails when the program ends before. */
  waitFor(marker: RegExp): Promise<string>;
  /** SIGKILL by default, to everything the program started too, as a power cut would. */
  kill(signal?: NodeJS.Signals): void;
  /** Only the program itself, as the kernel's memory killer would. */
  killAlone(signal?: NodeJS.Signals): void;
  readonly ended: Promise<ProgramResult>;
}

/** Starts the program with `--progress-fd`; it is killed on disposal when it still runs. */
export function startAptLayer(
  sysroot: string | undefined,
  args: readonly string[],
  options: ProgramOptions = {},
): RunningProgram {
  return startProgram([...commandLine(sysroot, ['--progress-fd', '3', ...args])], options);
}

/** Starts any script of node that writes progress lines to descriptor 3. */
export function startProgram(argv: readonly string[], options: ProgramOptions = {}): RunningProgram {
  const child = spawn(process.execPath, argv, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${argv[0]}`);
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin);

  const lines = lineWatch();
  const progress: string[] = [];
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  onLines(child.stderr, line => lines.add(line));
  const channel = child.stdio[3];
  if (channel !== null && channel !== undefined && 'setEncoding' in channel)
    onLines(channel.setEncoding('utf8'), line => {
      progress.push(line);
      lines.add(line);
    });

  const ended = new Promise<ProgramResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      lines.end(stderr);
      resolve(withJson({ code: exitCode(code, signal), stdout, stderr }));
    });
  });
  // Also when the program itself is gone: what it left behind is still in its group.
  const killGroup = (signal: NodeJS.Signals) => killIfAlive(-pid, signal);
  return {
    pid,
    progress,
    ended,
    waitFor: marker => lines.waitFor(marker),
    kill: (signal = 'SIGKILL') => killGroup(signal),
    killAlone: (signal = 'SIGKILL') => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      killGroup('SIGKILL');
      await ended;
    },
  };
}
