import { AptLayerError, errnoOf } from '../errors/index.ts';
import { listDirectory } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { readHolder } from './holder.ts';
import { isTransactionId } from './id.ts';
import { endOf, hasBegun, type Journal } from './journal.ts';
import { readJournalIfAny, readPublicJournalIfAny } from './journal-file.ts';
import type { JsonObject } from './json.ts';
import { type Sysroot, statePaths } from './paths.ts';
import { checkStateVersion } from './state-version.ts';

/** How a transaction ended: `running` has not yet, `unreadable` has a journal that tells nothing. */
export type TransactionResult = 'done' | 'failed' | 'interrupted' | 'rolled-back' | 'running' | 'unreadable';

export interface PastTransaction {
  readonly id: string;
  readonly verb: string;
  readonly commandLine: string;
  /** Milliseconds since the epoch; undefined when the journal does not say. */
  readonly startedMs: number | undefined;
  readonly durationMs: number | undefined;
  readonly result: TransactionResult;
  /** What the last record says: the summary of a commit, or code and message of a failure. */
  readonly summary: JsonObject;
  /** Lines of the journal that could not be read. */
  readonly damagedLines: readonly number[];
}

/**
 * The latest `limit` transactions, newest first. Needs no lock: a journal that is being written, removed or torn
 * meanwhile is reported as what is there.
 */
export function listTransactions(at: Sysroot, limit = Number.POSITIVE_INFINITY): PastTransaction[] {
  const {
    host: { sys },
    sysroot,
  } = at;
  checkStateVersion(at, 'read');
  const directory = statePaths(sysroot).transactions;
  const running = readHolder(at)?.transaction;
  const found: PastTransaction[] = [];
  for (const id of listDirectory(sys, directory).filter(isTransactionId).reverse()) {
    // Ids made in one second are in no order, so one second more than the limit is read.
    const last = found.at(-1);
    if (found.length >= limit && last?.id.slice(0, 15) !== id.slice(0, 15)) break;
    const journal = readOrSay(sys, `${directory}/${id}`);
    if (journal === undefined || (journal !== 'unreadable' && !hasBegun(journal))) continue;
    found.push(describe(id, journal, id === running));
  }
  return found.sort((a, b) => (b.startedMs ?? 0) - (a.startedMs ?? 0)).slice(0, limit);
}

function readOrSay(sys: Sys, directory: string): Journal | 'unreadable' | undefined {
  try {
    return readJournal(sys, directory);
  } catch (error) {
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    // A concurrent transaction may have dropped it just now.
    return sys.lstatIfExists(directory) === undefined ? undefined : 'unreadable';
  }
}

/** Root reads the journal, others what is public of it. */
function readJournal(sys: Sys, directory: string): Journal | 'unreadable' | undefined {
  try {
    return readJournalIfAny(sys, directory);
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') throw error;
    return readPublicJournalIfAny(sys, directory) ?? 'unreadable';
  }
}

function describe(id: string, journal: Journal | 'unreadable', running: boolean): PastTransaction {
  const begin =
    journal === 'unreadable' ? undefined : journal.records.find(record => record.type === 'begin');
  const nothing = {
    id,
    verb: '',
    commandLine: '',
    startedMs: dateOf(id),
    durationMs: undefined,
    summary: {},
  };
  if (journal === 'unreadable') return { ...nothing, result: 'unreadable', damagedLines: [] };
  const { damagedLines } = journal;
  if (begin === undefined) return { ...nothing, result: 'unreadable', damagedLines };
  const end = endOf(journal);
  const startedMs = Date.parse(begin.time);
  return {
    id,
    verb: text(begin.data['verb']),
    commandLine: text(begin.data['commandLine']),
    startedMs,
    // What a crash ended was ended on record when somebody came back.
    durationMs:
      end === undefined || end.data['reason'] === 'crash'
        ? undefined
        : Math.max(0, Date.parse(end.time) - startedMs),
    result: resultOf(end?.type, running),
    summary: end?.data ?? {},
    damagedLines,
  };
}

function resultOf(end: string | undefined, running: boolean): TransactionResult {
  switch (end) {
    case 'commit':
      return 'done';
    case 'failed':
    case 'rolled-back':
      return end;
    case undefined:
      return running ? 'running' : 'interrupted';
    default:
      return 'interrupted';
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The start of a transaction by its id alone. */
function dateOf(id: string): number {
  const iso = id.replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-.*/, '$1-$2-$3T$4:$5:$6Z');
  return Date.parse(iso);
}
