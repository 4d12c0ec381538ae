import type * as childProcess from 'node:child_process';
import type { Writable } from 'node:stream';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import type { Command } from './command.ts';

export type ChildProcess = childProcess.ChildProcess;

/** node:child_process, loaded with the first program that is run: verbs that only read start faster without it. */
export function spawner(): typeof childProcess.spawn {
  return process.getBuiltinModule('node:child_process').spawn;
}

/** How much is kept of what a program says on stderr. */
export const STDERR_TAIL_BYTES = 4096;
/** The file descriptor of the first of a command's inputs. */
const FIRST_INPUT = 4;
const KILL_AFTER_MS = 5000;

/** Debian packages that ship the tools we run, for the hint when one is missing. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  bwrap: 'bubblewrap',
  'apt-get': 'apt',
  gpg: 'gpg',
  gpgv: 'gpgv',
  skopeo: 'skopeo',
  unshare: 'util-linux',
  mount: 'mount',
  umount: 'mount',
};

/** Keeps the end of what a program writes to stderr; `onOutput` sees all of it. */
export function collectTail(
  child: ChildProcess,
  onOutput?: (chunk: Buffer) => void,
): { keep(chunk: Buffer): void; text(): string } {
  let tail: Buffer = Buffer.alloc(0);
  const keep = (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]);
    if (tail.length > STDERR_TAIL_BYTES) tail = tail.subarray(tail.length - STDERR_TAIL_BYTES);
  };
  child.stderr?.on('data', (chunk: Buffer) => {
    keep(chunk);
    onOutput?.(chunk);
  });
  return { keep, text: () => tail.toString('utf8') };
}

/** Writes what the program is to read from descriptors beyond the usual ones; that it does not read all is its business. */
export function feedInputs(child: ChildProcess, inputs: readonly Buffer[] = []): void {
  inputs.forEach((input, index) => {
    const stream = child.stdio[FIRST_INPUT + index] as Writable | null | undefined;
    stream?.on('error', () => undefined);
    stream?.end(input);
  });
}

/**
 * Asks the program and what it started to end, and ends them after a while; what outlives the program itself, at once:
 * it may be what the program was just starting, and has not heard.
 */
export function killGroup(child: ChildProcess): void {
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  const send = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      if (errnoOf(error) !== 'ESRCH') throw error;
    }
  };
  send(isGone() ? 'SIGKILL' : 'SIGTERM');
  child.once('exit', () => send('SIGKILL'));
  setTimeout(() => {
    if (!isGone()) send('SIGKILL');
  }, KILL_AFTER_MS).unref();
}

export function interrupted(command: Command): AptLayerError {
  return new AptLayerError('INTERRUPTED', `interrupted while running ${command.tool}`);
}

/** Why a program did not start, for `error` of its process. */
export function cannotStart(command: Command, error: Error): AptLayerError {
  if (errnoOf(error) !== 'ENOENT')
    return new AptLayerError('FAILED', `cannot run ${command.tool}: ${error.message}`, { cause: error });
  const owner = PACKAGE_OF[command.tool];
  return new AptLayerError('HOST_UNSUPPORTED', `${command.tool} is not installed`, {
    hint: owner === undefined ? undefined : `apt-get install ${owner}`,
    cause: error,
  });
}
