import { type Environment, readEnvironment } from '../app/index.ts';
import { errnoOf } from '../errors/index.ts';
import { descriptorIdentity, descriptorWriter, isFileDescriptor, writeDescriptor } from '../fs/index.ts';
import type { SignalSource } from './signals.ts';

/** The streams and the process around the program, as far as the command line needs them. Tests make their own. */
export interface Terminal {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Environment;
  readonly signals: SignalSource;
  readonly now: () => number;
  readonly userId: number;
  /** Standard error is read by systemd's journal. */
  readonly isJournal: boolean;
  /** Throws USAGE when the descriptor is not open. */
  openDescriptor(fd: number): (text: string) => void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Undefined when standard input is no terminal. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}

export interface Sink {
  /** Never throws: what could not be written, `failure` tells when everything has been. */
  write(data: string | Uint8Array): void;
  /** Why something that was written did not arrive. */
  failure?(): Error | undefined;
  readonly isTerminal: boolean;
  columns(): number;
}

const DEFAULT_COLUMNS = 80;

/** Those of this process. A reader that goes away early (`| head`) is no error: the rest is dropped. */
export function processTerminal(): Terminal {
  const environment = readEnvironment();
  return {
    stdout: sink(process.stdout, 1),
    stderr: sink(process.stderr, 2),
    environment,
    signals: process,
    now: () => performance.now(),
    userId: process.geteuid?.() ?? 0,
    isJournal: environment.journalStream !== undefined && environment.journalStream === descriptorIdentity(2),
    openDescriptor: descriptorWriter,
    exit: code => process.exit(code),
    ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  };
}

function sink(stream: NodeJS.WriteStream, fd: number): Sink {
  const isFile = isFileDescriptor(fd);
  let isGone = false;
  let failure: Error | undefined;
  const note = (error: unknown) => {
    if (!(error instanceof Error)) throw error;
    isGone = true;
    if (errnoOf(error) !== 'EPIPE') failure ??= error;
  };
  stream.on('error', note);
  return {
    write(data) {
      if (isGone) return;
      if (!isFile) return void stream.write(data);
      try {
        writeDescriptor(fd, data);
      } catch (error) {
        note(error);
      }
    },
    failure: () => failure,
    isTerminal: stream.isTTY === true,
    columns: () => stream.columns ?? DEFAULT_COLUMNS,
  };
}

async function ask(question: string): Promise<boolean> {
  // Loaded when somebody is asked: nearly no run does.
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `)).trim());
  } finally {
    reader.close();
  }
}

/** Resolves when everything written so far has reached the system, or cannot any more. */
export async function flush(): Promise<void> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      stream =>
        new Promise<void>(
          resolve => void (stream.writableLength === 0 ? resolve() : stream.write('', () => resolve())),
        ),
    ),
  );
}
