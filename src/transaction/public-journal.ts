import { writeFileDurable } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { endOf, type Journal, type JournalRecord, serializeRecord } from './journal.ts';
import { isObject, type JsonObject } from './json.ts';
import { publicCommandLine } from './public-command.ts';

/** What of the data of a record anybody may read; what else the summary of a commit says and the message of a failure can name anything. */
const PUBLIC_DATA: readonly string[] = ['verb', 'pid', 'deployment', 'image', 'changed', 'code', 'reason'];

/** The journal that anybody may read: how a transaction began and how it ended. */
export function publicJournalPath(directory: string): string {
  return `${directory}/public.jsonl`;
}

/** What of a record anybody may read; undefined for a step. */
export function publicPart(record: JournalRecord): JournalRecord | undefined {
  if (record.type === 'step') return undefined;
  const kept = Object.entries(record.data).filter(([key]) => PUBLIC_DATA.includes(key));
  const { commandLine } = record.data;
  const line = typeof commandLine === 'string' ? { commandLine: publicCommandLine(commandLine) } : {};
  const forced = record.data['forcedPolicy'];
  const policy = isObject(forced) ? { forcedPolicy: { ...forced, reason: '' } } : {};
  return { ...record, data: { ...(Object.fromEntries(kept) as JsonObject), ...line, ...policy } };
}

/** Makes the public journal say what the journal says, where an older program or a crash left it behind. */
export function completePublicJournal(
  sys: Sys,
  directory: string,
  journals: { readonly whole: Journal; readonly shown: Journal | undefined },
): void {
  const { whole, shown } = journals;
  if (shown !== undefined && endOf(shown)?.type === endOf(whole)?.type) return;
  const text = whole.records
    .flatMap(record => publicPart(record) ?? [])
    .map(serializeRecord)
    .join('');
  writeFileDurable(sys, publicJournalPath(directory), text);
}
