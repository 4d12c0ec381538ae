import { fromBuffer } from '../bytes/index.ts';
import type { Seconds } from '../tree/index.ts';

const U64_MAX = 2n ** 64n - 1n;
const FAST_DIGITS = 15;
const DECIMAL = /^[\t\v\f\r ]*([+-]?)([0-9]+)$/;
const OCTAL = /^[\t\v\f\r ]*([+-]?)([0-7]+)$/;

/**
 * What C's `strtoull` makes of text that must be used up: leading white space, a sign that negates modulo 2^64, and
 * saturation. A number where that is exact, else a bigint; undefined when it is not an integer.
 */
export function parseUnsigned(
  text: Buffer,
  start: number,
  end: number,
  radix: 8 | 10,
): number | bigint | undefined {
  if (end - start > FAST_DIGITS || end === start) return strtoull(fromBuffer(text, start, end), radix);
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text[i]! - 0x30;
    if (digit < 0 || digit >= radix) return strtoull(fromBuffer(text, start, end), radix);
    value = value * radix + digit;
  }
  return value;
}

function strtoull(text: string, radix: 8 | 10): number | bigint | undefined {
  const match = (radix === 8 ? OCTAL : DECIMAL).exec(text);
  if (match === null) return undefined;
  const digits = match[2]!.replace(/^0+(?=.)/, '');
  // 22 octal digits hold 2^64; more need no arithmetic.
  if (digits.length > 22) return U64_MAX;
  const value = BigInt(radix === 8 ? `0o${digits}` : digits);
  if (value > U64_MAX) return U64_MAX;
  return normalize(match[1] === '-' ? BigInt.asUintN(64, -value) : value);
}

/** Cuts to 32 bits, as mkcomposefs stores mode, link count, owner, device and nanoseconds. */
export function toUint32(value: number | bigint): number {
  return typeof value === 'number' ? value >>> 0 : Number(BigInt.asUintN(32, value));
}

/** The same 64 bits read as signed. */
export function toSeconds(value: number | bigint): Seconds {
  return typeof value === 'number' ? value : normalize(BigInt.asIntN(64, value));
}

function normalize(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
