import { isObject, type JsonObject, parseObject } from './json.ts';

/** Version of the journal format, in the first record. */
export const JOURNAL_VERSION = 1;

/**
 * `begin` opens a journal. `step` says what is about to be done. The others end it: `commit` (done), `failed`,
 * `interrupted` (by a signal, a crash or a power cut), `rolled-back` (undone on purpose).
 */
export type RecordType = 'begin' | 'step' | 'commit' | 'failed' | 'interrupted' | 'rolled-back';

const TYPES: readonly string[] = ['begin', 'step', 'commit', 'failed', 'interrupted', 'rolled-back'];

/** One line of `journal.jsonl`. */
export interface JournalRecord {
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly type: RecordType;
  readonly data: JsonObject;
}

export interface Journal {
  readonly records: readonly JournalRecord[];
  /** Line numbers (from 1) that are no records: a write torn by a power cut, or damage. */
  readonly damagedLines: readonly number[];
  /** False when the last line lacks its line feed, so that an append must start with one. */
  readonly endsWithNewline: boolean;
}

/** One record as the line that is appended; a single write of it is what makes it whole or torn. */
export function serializeRecord(record: JournalRecord): string {
  const version = record.type === 'begin' ? { version: JOURNAL_VERSION } : {};
  return `${JSON.stringify({ ...version, ...record })}\n`;
}

/** Reads a journal of any content: what is no record is counted, never an error. */
export function parseJournal(data: Buffer): Journal {
  const lines = data.toString('utf8').split('\n');
  const records: JournalRecord[] = [];
  const damagedLines: number[] = [];
  lines.forEach((line, index) => {
    if (line === '') return;
    const record = parseRecord(line);
    if (record === undefined) damagedLines.push(index + 1);
    else records.push(record);
  });
  return { records, damagedLines, endsWithNewline: lines.at(-1) === '' };
}

function parseRecord(line: string): JournalRecord | undefined {
  const value = parseObject(line);
  if (value === undefined) return undefined;
  const { time, type, data, version } = value;
  if (version !== undefined && version !== JOURNAL_VERSION) return undefined;
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return undefined;
  if (typeof type !== 'string' || !TYPES.includes(type)) return undefined;
  if (!isObject(data)) return undefined;
  return { time, type: type as RecordType, data };
}

/** The record that ended the transaction, if it has ended. */
export function endOf(journal: Journal): JournalRecord | undefined {
  return journal.records.findLast(record => record.type !== 'begin' && record.type !== 'step');
}

/**
 * False when not even the first record is whole: the transaction was killed before it could change anything. Damage
 * beyond one torn line is damage, and counts as begun.
 */
export function hasBegun(journal: Journal): boolean {
  if (journal.records.length > 0) return true;
  const torn = journal.endsWithNewline ? 0 : 1;
  return journal.damagedLines.length > torn;
}
