/**
 * The body of a pax extended header (POSIX.1-2017 pax): records `LENGTH KEYWORD=VALUE\n`, where the decimal LENGTH counts
 * the whole record with itself and the newline. Values are bytes and may hold anything, newlines and NULs too.
 */
import { type ByteString, fromBuffer, toText } from '../bytes/index.ts';
import { refuse } from './failure.ts';

/** Largest pax header accepted: room for many xattrs of the kernel's largest size. */
export const PAX_BYTES_MAX = 1024 * 1024;

const LENGTH_DIGITS_MAX = 7;
const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;

export type PaxRecord = readonly [keyword: ByteString, value: ByteString];

/** Records in the order of the archive, repeated keywords too. `offset` is that of the header. */
export function parsePaxRecords(body: Buffer, offset: number): PaxRecord[] {
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < body.length) {
    const { length, digits } = readLength(body, at, offset);
    const end = at + length;
    const start = at + digits + 1;
    if (end > body.length || end <= start || body[end - 1] !== NEWLINE) {
      refuse('a pax record does not end where its length says', offset);
    }
    const equals = body.indexOf(EQUALS, start);
    if (equals < 0 || equals >= end || equals === start) refuse('a pax record without a keyword', offset);
    records.push([fromBuffer(body, start, equals), fromBuffer(body, equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

function readLength(body: Buffer, at: number, offset: number): { length: number; digits: number } {
  let length = 0;
  let digits = 0;
  for (; digits <= LENGTH_DIGITS_MAX; digits++) {
    const byte = body[at + digits];
    if (byte === SPACE && digits > 0) return { length, digits };
    if (byte === undefined || byte < 0x30 || byte > 0x39) break;
    length = length * 10 + (byte - 0x30);
  }
  return refuse('a pax record without a length', offset);
}

/** The body for these records, in their order. */
export function serializePaxRecords(records: readonly PaxRecord[]): Buffer {
  const parts = records.map(([keyword, value]) => {
    if (keyword === '' || keyword.includes('=')) throw new Error(`pax keyword ${toText(keyword)}`);
    const rest = ` ${keyword}=${value}\n`;
    // The length counts its own digits: adding them may add one more.
    let length = rest.length + `${rest.length}`.length;
    length = rest.length + `${length}`.length;
    return `${length}${rest}`;
  });
  return Buffer.from(parts.join(''), 'latin1');
}
