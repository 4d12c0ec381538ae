import { type AccountNames, accountDatabase, parseAccounts } from './accounts.ts';
import type { DifferenceClass } from './difference.ts';

/** What a record of dpkg, apt or the accounts says about one thing. */
export interface RecordEntry {
  readonly class: DifferenceClass;
  readonly value: string;
}

/** A record as a set of entries by name: the order in which packages came is not part of what it says. */
export type RecordEntries = ReadonlyMap<string, RecordEntry>;

interface RecordFormat {
  readonly pattern: RegExp;
  readonly parse: (text: string) => RecordEntries;
}

const FORMATS: readonly RecordFormat[] = [
  { pattern: /^\/var\/lib\/dpkg\/status$/, parse: stanzas('status') },
  { pattern: /^\/var\/lib\/apt\/extended_states$/, parse: stanzas('extended states') },
  { pattern: /^\/var\/lib\/dpkg\/diversions$/, parse: triples },
  { pattern: /^\/var\/lib\/dpkg\/statoverride$/, parse: lines('statoverrides') },
  { pattern: /^\/var\/lib\/dpkg\/triggers\/[^/]+$/, parse: lines('triggers') },
  { pattern: /^\/var\/lib\/ucf\/(hashfile|registry)(\.\d+)?$/, parse: lines('content') },
  { pattern: /^\/etc\/shells$/, parse: lines('content') },
];

/** How a file is read that is a record; undefined for one that is not, whose bytes count. */
export function recordParser(
  path: string,
): ((text: string, names: AccountNames) => RecordEntries) | undefined {
  const database = accountDatabase(path);
  if (database === undefined) return FORMATS.find(({ pattern }) => pattern.test(path))?.parse;
  return (text, names) => {
    const entries = new Map<string, RecordEntry>();
    for (const [name, value] of parseAccounts(database, text, names))
      entries.set(name, { class: 'accounts', value });
    return entries;
  };
}

/** Fields of stanzas, by `PACKAGE:ARCHITECTURE FIELD`. Read without the product's own parser, to the byte. */
function stanzas(kind: DifferenceClass): (text: string) => RecordEntries {
  return text => {
    const entries = new Map<string, RecordEntry>();
    for (const stanza of text.split(/\n\n+/)) {
      const fields = new Map<string, string>();
      for (const field of stanza.split(/\n(?![ \t])/)) {
        const colon = field.indexOf(':');
        if (colon > 0) fields.set(field.slice(0, colon), field.slice(colon + 1));
      }
      const name = ['Package', 'Architecture'].map(key => fields.get(key)?.trim() ?? '').join(':');
      for (const [key, value] of fields)
        entries.set(`${name} ${key}`, { class: key === 'Conffiles' ? 'conffiles' : kind, value });
    }
    return entries;
  };
}

/** Each line with how often it is there. */
function lines(kind: DifferenceClass): (text: string) => RecordEntries {
  return text => {
    const counts = new Map<string, number>();
    for (const line of text.split('\n')) if (line !== '') counts.set(line, (counts.get(line) ?? 0) + 1);
    return new Map([...counts].map(([line, count]) => [line, { class: kind, value: `${count} times` }]));
  };
}

/** Diversions: from, to and by whom, a line each. */
function triples(text: string): RecordEntries {
  const all = text.split('\n').slice(0, -1);
  const entries = new Map<string, RecordEntry>();
  for (let at = 0; at < all.length; at += 3)
    entries.set(all[at] ?? '', { class: 'diversions', value: `${all[at + 1]} by ${all[at + 2]}` });
  return entries;
}
