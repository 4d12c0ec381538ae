import { type ByteString, toText } from '../bytes/index.ts';
import type { Stanza } from './stanza.ts';

/** Name and value of a field, the value as `parseStanzas` gives it. */
export type FieldPair = readonly [name: string, value: ByteString];

const FIELD_NAME = /^[!-"$-,.-9;-~][!-9;-~]*$/;
const BLANK_AT_AN_END = /^[ \t\r]|[ \t\r\n]$/;
/** A continued line that does not begin with a blank, or has nothing else. */
const BAD_LINE = /\n(?:[^ \t]|[ \t\r]*(?:\n|$))/;

/**
 * Fields as dpkg writes them, each line ended; no empty line behind. `parseStanzas` reads them back as they are, so a value
 * that would come back as something else (a line without its leading blank) is a bug of the caller: plain Error.
 */
export function serializeStanza(fields: Iterable<FieldPair>): ByteString {
  let text = '';
  const seen = new Set<string>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    if (!FIELD_NAME.test(name) || seen.has(key)) throw new Error(`field name ${JSON.stringify(name)}`);
    seen.add(key);
    if (value.includes('\0') || BLANK_AT_AN_END.test(value) || BAD_LINE.test(value)) {
      throw new Error(`value of field ${name}: ${toText(value)}`);
    }
    // dpkg writes no blank before an empty first line.
    text += value === '' || value.startsWith('\n') ? `${name}:${value}\n` : `${name}: ${value}\n`;
  }
  return text as ByteString;
}

/** The fields of a parsed stanza, to write it again or to change some first. */
export function fieldPairs(stanza: Stanza): FieldPair[] {
  return Array.from(stanza.fields.values(), ({ name, value }) => [name, value] as const);
}
