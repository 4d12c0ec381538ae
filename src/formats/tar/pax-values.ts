import { type ByteString, toText } from '../bytes/index.ts';
import { refuse } from './failure.ts';

const DECIMAL = /^\d{1,16}$/;
const TIME = /^(-?)(\d{1,16})(?:\.(\d*))?$/;
const NANO_DIGITS = 9;

export interface Timestamp {
  readonly seconds: number;
  readonly nsec: number;
}

/** A pax size, id or device number: decimal, at most 2^53 - 1. */
export function parseDecimal(keyword: string, value: ByteString, offset: number): number {
  const number = DECIMAL.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number))
    refuse(`pax ${keyword} is not a usable number: ${shorten(value)}`, offset);
  return number;
}

/** A pax time: seconds with any number of decimals, maybe negative. What is below a nanosecond is rounded down. */
export function parseTime(value: ByteString, offset: number): Timestamp {
  const match = TIME.exec(value);
  const whole = match === null ? Number.NaN : Number(match[2]);
  if (match === null || !Number.isSafeInteger(whole)) return refuse(`pax mtime ${shorten(value)}`, offset);
  const fraction = match[3] ?? '';
  const nsec = Number(fraction.slice(0, NANO_DIGITS).padEnd(NANO_DIGITS, '0'));
  if (match[1] === '') return { seconds: whole, nsec };
  const nsecDown = nsec + (/[1-9]/.test(fraction.slice(NANO_DIGITS)) ? 1 : 0);
  return nsecDown === 0 ? { seconds: 0 - whole, nsec: 0 } : { seconds: -whole - 1, nsec: 1e9 - nsecDown };
}

/** The exact pax text of a time. */
export function renderTime({ seconds, nsec }: Timestamp): ByteString {
  if (nsec === 0) return `${seconds}` as ByteString;
  const negative = seconds < 0;
  const whole = negative ? -seconds - 1 : seconds;
  const fraction = negative ? 1e9 - nsec : nsec;
  const decimals = `${fraction}`.padStart(NANO_DIGITS, '0').replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}.${decimals}` as ByteString;
}

/** GNU tar hides the separator of records in xattr names: `%3D` for `=`, `%25` for `%`. */
export function decodeXattrName(name: string): ByteString {
  return (name.includes('%') ? name.replaceAll('%3D', '=').replaceAll('%25', '%') : name) as ByteString;
}

export function encodeXattrName(name: ByteString): ByteString {
  return name.replaceAll('%', '%25').replaceAll('=', '%3D') as ByteString;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** libarchive writes xattrs a second time, name in URL encoding and value in base64. */
export function decodeLibarchiveXattr(
  name: string,
  value: ByteString,
  offset: number,
): readonly [ByteString, ByteString] {
  if (!BASE64.test(value))
    refuse(`pax LIBARCHIVE.xattr.${shorten(name as ByteString)} is not base64`, offset);
  const plain = name.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return [plain as ByteString, Buffer.from(value, 'base64').toString('latin1') as ByteString];
}

/** Keeps messages short whatever the archive says. */
export function shorten(value: ByteString): string {
  return value.length > 80 ? `${toText(value.slice(0, 80) as ByteString)}...` : toText(value);
}
