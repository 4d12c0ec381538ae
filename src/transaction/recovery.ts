import { AptLayerError, errnoOf } from '../errors/index.ts';
import { isTemporaryName, listDirectory, removeTree } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import { isTransactionId } from './id.ts';
import { endOf, hasBegun } from './journal.ts';
import { appendRecord, readJournalIfAny } from './journal-file.ts';
import { statePaths } from './paths.ts';

/** Transaction directories that are kept; older ones are dropped. */
const KEPT_TRANSACTIONS = 200;

/**
 * Cleans up what a killed transaction of some kind left behind. Runs with the lock held at the begin of every
 * transaction, so it must be idempotent and cheap. Resolves to what it cleaned, a few words each.
 */
export type RecoveryHandler = (host: Host, sysroot: string) => Promise<readonly string[]> | readonly string[];

/**
 * Brings the sysroot in order after a crash: transactions without an end become `interrupted`, their scratch files
 * go, then `handlers` run. Says in one line what it did. Called with the lock held, so nobody else is at work.
 */
export async function recover(
  host: Host,
  sysroot: string,
  handlers: readonly RecoveryHandler[],
): Promise<void> {
  const directory = statePaths(sysroot).transactions;
  const ids = listDirectory(host.sys, directory).filter(isTransactionId);
  const cleaned = ids.flatMap(id => recoverTransaction(host, `${directory}/${id}`, id));
  removeTemporaries(host, statePaths(sysroot).state);
  removeTemporaries(host, statePaths(sysroot).lock);
  for (const handler of handlers) cleaned.push(...(await handler(host, sysroot)));
  if (cleaned.length > 0) log(host.report, 'info', `cleaned up after a crash: ${cleaned.join(', ')}`);
  for (const id of ids.slice(0, -KEPT_TRANSACTIONS)) removeTree(host.sys, `${directory}/${id}`);
}

function recoverTransaction(host: Host, directory: string, id: string): string[] {
  const interrupted = markInterrupted(host, directory);
  if (interrupted) removeTemporaries(host, directory);
  removeTree(host.sys, `${directory}/work`);
  return interrupted ? [`transaction ${id}`] : [];
}

/** True when the transaction had no end. */
function markInterrupted(host: Host, directory: string): boolean {
  const { sys } = host;
  try {
    const journal = readJournalIfAny(sys, directory);
    if (journal === undefined || !hasBegun(journal)) {
      // It changed nothing yet, so there is nothing to remember.
      removeTree(sys, directory);
      return true;
    }
    if (endOf(journal) !== undefined) return false;
    const record = {
      time: host.clock().toISOString(),
      type: 'interrupted',
      data: { reason: 'crash' },
    } as const;
    appendRecord(sys, directory, record, !journal.endsWithNewline);
    return true;
  } catch (error) {
    if (!isDamage(error)) throw error;
    // What happened in the past must not stop the future.
    log(host.report, 'warning', `a journal cannot be read: ${(error as Error).message}`);
    return false;
  }
}

/** What reading a damaged journal may fail with; a full or failing disk is another matter and must be heard. */
function isDamage(error: unknown): boolean {
  return error instanceof AptLayerError || errnoOf(error) === 'ELOOP' || errnoOf(error) === 'EISDIR';
}

/** Files that were being written aside. */
function removeTemporaries(host: Host, directory: string): void {
  for (const name of listDirectory(host.sys, directory).filter(isTemporaryName))
    removeTree(host.sys, `${directory}/${name}`);
}
