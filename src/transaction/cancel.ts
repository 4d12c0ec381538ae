import { setTimeout as sleep } from 'node:timers/promises';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import { listTransactions, type PastTransaction } from './history.ts';
import { describeHolder, type Holder, readHolder } from './holder.ts';
import type { Sysroot } from './paths.ts';

const POLL_MS = 100;

/** A transaction that was asked to stop. */
export interface Cancelled {
  readonly holder: Holder;
  /** What became of it: it may have finished before it heard. */
  readonly result: PastTransaction['result'];
}

/**
 * Asks the process that holds the lock of a sysroot to stop (SIGTERM), and waits until its transaction has ended.
 * Undefined when there is none. FAILED when it has not after `waitSeconds`: it then still goes on stopping.
 */
export async function cancelTransaction(
  at: Sysroot,
  { waitSeconds }: { readonly waitSeconds: number },
): Promise<Cancelled | undefined> {
  const { host } = at;
  const holder = readHolder(at);
  if (holder === undefined || !signal(holder)) return undefined;
  const started = performance.now();
  while (readHolder(at)?.transaction === holder.transaction) {
    if (performance.now() - started >= waitSeconds * 1000) throw stillThere(host, holder);
    await pause(host.signal);
  }
  const found = listTransactions(at).find(one => one.id === holder.transaction);
  return { holder, result: found?.result ?? 'interrupted' };
}

/** `readHolder` has just seen that the process is the one that took the lock. False when it is gone. */
function signal({ pid, commandLine }: Holder): boolean {
  try {
    process.kill(pid, 'SIGTERM');
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
    if (errnoOf(error) !== 'EPERM') throw error;
    throw new AptLayerError('PERMISSION', `\`${commandLine}\` (pid ${pid}) belongs to another user`, {
      hint: 'run it with sudo',
      cause: error,
    });
  }
}

async function pause(signalToStop: AbortSignal): Promise<void> {
  try {
    await sleep(POLL_MS, undefined, { signal: signalToStop });
  } catch (error) {
    if (!signalToStop.aborted) throw error;
    throw new AptLayerError('INTERRUPTED', 'interrupted while waiting for the other transaction to stop');
  }
}

function stillThere(host: Host, holder: Holder): AptLayerError {
  return new AptLayerError('FAILED', `${describeHolder(holder, host.clock())} and has not stopped yet`, {
    hint: 'it was asked to; `apt-layer cancel --wait` waits as long as it takes',
    details: { ...holder },
  });
}
