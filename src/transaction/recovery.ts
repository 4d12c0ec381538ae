import { AptLayerError, errnoOf } from '../errors/index.ts';
import { isTemporaryName, listDirectory, removeLeftover } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import { isTransactionId } from './id.ts';
import { endOf, hasBegun } from './journal.ts';
import { appendRecord, closeJournal, readJournalIfAny, readPublicJournalIfAny } from './journal-file.ts';
import { type Sysroot, statePaths } from './paths.ts';
import { completePublicJournal } from './public-journal.ts';

/** Transaction directories that are kept; older ones are dropped. */
const KEPT_TRANSACTIONS = 200;

/**
 * Brings the records of transactions in order after a crash: those without an end become `interrupted`, and their scratch files go.
 * Returns what it cleaned, a few words each. Called with the lock held, so nobody else is at work.
 */
export function recoverTransactions({ host, sysroot }: Sysroot): string[] {
  const directory = statePaths(sysroot).transactions;
  const ids = listDirectory(host.sys, directory).filter(isTransactionId);
  const cleaned = ids.flatMap(id => recoverTransaction(host, `${directory}/${id}`, id));
  removeTemporaries(host, statePaths(sysroot).state);
  removeTemporaries(host, statePaths(sysroot).lock);
  for (const id of ids.slice(0, -KEPT_TRANSACTIONS)) removeLeftover(host, `${directory}/${id}`);
  return cleaned;
}

function recoverTransaction(host: Host, directory: string, id: string): string[] {
  const interrupted = markInterrupted(host, directory);
  publish(host, directory);
  if (interrupted) removeTemporaries(host, directory);
  removeLeftover(host, `${directory}/work`);
  return interrupted ? [`transaction ${id}`] : [];
}

/** Closes what an older program left open, and makes what anybody may read complete. What cannot be read is left as it is. */
function publish(host: Host, directory: string): void {
  try {
    closeJournal(host.sys, directory);
    const whole = readJournalIfAny(host.sys, directory);
    if (whole !== undefined && hasBegun(whole))
      completePublicJournal(host.sys, directory, {
        whole,
        shown: readPublicJournalIfAny(host.sys, directory),
      });
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
}

/** True when the transaction had no end. */
function markInterrupted(host: Host, directory: string): boolean {
  const { sys } = host;
  try {
    const journal = readJournalIfAny(sys, directory);
    if (journal === undefined || !hasBegun(journal)) {
      // It changed nothing yet, so there is nothing to remember.
      removeLeftover(host, directory);
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
    removeLeftover(host, `${directory}/${name}`);
}
