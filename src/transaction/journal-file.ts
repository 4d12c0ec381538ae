import { readFileIfExists } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { type Journal, type JournalRecord, parseJournal, serializeRecord } from './journal.ts';
import { STATE_FILE_MAX_BYTES } from './json.ts';
import { publicJournalPath, publicPart } from './public-journal.ts';

/** Reads a journal; undefined when there is none. */
export function readJournalIfAny(sys: Sys, directory: string): Journal | undefined {
  const data = readFileIfExists(sys, journalPath(directory), STATE_FILE_MAX_BYTES);
  return data === undefined ? undefined : parseJournal(data);
}

/** What of a journal anybody may read; undefined where an older program left none. */
export function readPublicJournalIfAny(sys: Sys, directory: string): Journal | undefined {
  const data = readFileIfExists(sys, publicJournalPath(directory), STATE_FILE_MAX_BYTES);
  return data === undefined ? undefined : parseJournal(data);
}

/**
 * Appends one record, with one write and one fsync: after it returns the record survives a power cut. The journal is root's; what
 * anybody may read of the record is appended to the one beside it.
 */
export function appendRecord(sys: Sys, directory: string, record: JournalRecord, afterTorn = false): void {
  const line = { text: `${afterTorn ? '\n' : ''}${serializeRecord(record)}`, mode: 0o600 };
  append(sys, journalPath(directory), line);
  const shown = publicPart(record);
  if (shown === undefined) return;
  append(sys, publicJournalPath(directory), {
    text: `${afterTorn ? '\n' : ''}${serializeRecord(shown)}`,
    mode: 0o644,
  });
}

/** Takes a journal from everybody but root, as an older program let everybody read it. */
export function closeJournal(sys: Sys, directory: string): void {
  for (const path of [journalPath(directory), `${directory}/error.json`]) {
    const stat = sys.lstatIfExists(path);
    if (stat !== undefined && (stat.mode & 0o077) !== 0) sys.chmod(path, 0o600);
  }
}

function append(sys: Sys, path: string, line: { readonly text: string; readonly mode: number }): void {
  const fd = sys.openAppend(path, line.mode);
  try {
    // Whatever the umask of who runs it is.
    if ((sys.fstat(fd).mode & 0o777) !== line.mode) sys.fchmod(fd, line.mode);
    sys.write(fd, Buffer.from(line.text));
    sys.fsync(fd);
  } finally {
    sys.close(fd);
  }
}

function journalPath(directory: string): string {
  return `${directory}/journal.jsonl`;
}
