import { refuse } from './failure.ts';

/** Where a numeric field is, for reading and for messages. */
export interface NumberField {
  readonly start: number;
  readonly length: number;
  readonly name: string;
  /** Base-256 may be negative: only times may be. */
  readonly signed?: boolean;
}

const SPACE = 0x20;
const NINE_ABOVE = 0x38;

/**
 * A numeric field: octal digits after optional blanks, ended by a blank, a NUL or the field; or, with the top bit of the
 * first byte set, big-endian two's complement (GNU base-256). An empty field is 0. `offset` is that of the block.
 */
export function readNumber(block: Buffer, field: NumberField, offset: number): number {
  const end = field.start + field.length;
  let at = field.start;
  if (block[at]! & 0x80) return readBase256(block, field, offset);
  while (at < end && block[at] === SPACE) at += 1;
  let value = 0;
  for (; at < end; at++) {
    const byte = block[at]!;
    if (byte < 0x30 || byte >= NINE_ABOVE) {
      if (byte !== 0 && byte !== SPACE) refuse(`${field.name} is not an octal number`, offset);
      break;
    }
    value = value * 8 + (byte - 0x30);
  }
  return value;
}

function readBase256(
  block: Buffer,
  { start, length, name, signed = false }: NumberField,
  offset: number,
): number {
  const first = block[start]!;
  const negative = first === 0xff;
  if (!negative && first !== 0x80) refuse(`${name} is out of range`, offset);
  if (negative && !signed) refuse(`${name} is negative`, offset);
  // The complement keeps negative values exact: -1 - (bits inverted).
  const flip = negative ? 0xff : 0;
  let value = 0;
  for (let i = start + 1; i < start + length; i++) {
    value = value * 256 + (block[i]! ^ flip);
    if (value >= Number.MAX_SAFE_INTEGER) refuse(`${name} is out of range`, offset);
  }
  return negative ? -1 - value : value;
}

/** Whether `value` fits `length` bytes of octal with a NUL behind. */
export function fitsOctal(value: number, length: number): boolean {
  return value >= 0 && value < 8 ** (length - 1);
}

/** Octal digits padded with zeros, and a NUL. The value must fit. */
export function writeOctal(block: Buffer, { start, length }: NumberField, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, start, length, 'latin1');
}
