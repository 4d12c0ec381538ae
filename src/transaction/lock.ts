import { setTimeout as sleep } from 'node:timers/promises';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import { ensureDirectory } from '../fs/index.ts';
import { describeHolder, readHolder } from './holder.ts';
import { type Sysroot, statePaths } from './paths.ts';

const POLL_MS = 200;

/** The lock of one sysroot. The kernel frees it when the process ends, however it ends. */
export interface SysrootLock {
  release(): void;
}

/**
 * Takes the lock, which is an flock on the directory `state/lock`. When another process has it: LOCKED at once, or
 * after `wait`. Node opens descriptors close-on-exec, so children never keep it.
 */
export async function takeLock(at: Sysroot, wait: number): Promise<SysrootLock> {
  const { host, sysroot } = at;
  const { sys } = host;
  const path = statePaths(sysroot).lock;
  ensureDirectory(sys, path);
  const fd = sys.openDirectory(path);
  try {
    await poll(at, { fd, wait });
  } catch (error) {
    sys.close(fd);
    throw error;
  }
  return { release: () => sys.close(fd) };
}

async function poll(at: Sysroot, options: { fd: number; wait: number }): Promise<void> {
  const { host } = at;
  const started = performance.now();
  let said: string | undefined;
  while (!host.sys.tryLock(options.fd)) {
    const holder = readHolder(at);
    if (performance.now() - started >= options.wait * 1000) throw locked(at);
    const who =
      holder === undefined ? 'another transaction' : `\`${holder.commandLine}\` (pid ${holder.pid})`;
    if (said === undefined) host.report.emit({ type: 'start', task: 'lock', text: `Waiting for ${who}` });
    else if (said !== who)
      host.report.emit({ type: 'progress', task: 'lock', done: 0, text: `Waiting for ${who}` });
    said = who;
    await pause(host.signal);
  }
  if (said !== undefined)
    host.report.emit({ type: 'end', task: 'lock', durationMs: performance.now() - started });
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(POLL_MS, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new AptLayerError('INTERRUPTED', 'interrupted while waiting for the lock');
  }
}

function locked(at: Sysroot): AptLayerError {
  const { host } = at;
  const holder = readHolder(at);
  const who = holder === undefined ? '' : `: ${describeHolder(holder, host.clock())}`;
  return new AptLayerError('LOCKED', `another transaction holds the lock${who}`, {
    hint: 'run it again later, or with --wait',
    details: holder === undefined ? undefined : { ...holder },
  });
}

/** Removes the holder file; it must not outlive the lock, but its absence is no error. */
export function removeHolder({ host, sysroot }: Sysroot): void {
  try {
    host.sys.unlink(statePaths(sysroot).holder);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
