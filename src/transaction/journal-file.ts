import { readFileIfExists } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { type Journal, type JournalRecord, parseJournal, serializeRecord } from './journal.ts';
import { STATE_FILE_MAX_BYTES } from './json.ts';

/** Reads a journal; undefined when there is none. */
export function readJournalIfAny(sys: Sys, directory: string): Journal | undefined {
  const data = readFileIfExists(sys, journalPath(directory), STATE_FILE_MAX_BYTES);
  return data === undefined ? undefined : parseJournal(data);
}

/** Appends one record, with one write and one fsync: after it returns the record survives a power cut. */
export function appendRecord(sys: Sys, directory: string, record: JournalRecord, afterTorn = false): void {
  const fd = sys.openAppend(journalPath(directory), 0o644);
  try {
    sys.write(fd, Buffer.from(`${afterTorn ? '\n' : ''}${serializeRecord(record)}`));
    sys.fsync(fd);
  } finally {
    sys.close(fd);
  }
}

function journalPath(directory: string): string {
  return `${directory}/journal.jsonl`;
}
