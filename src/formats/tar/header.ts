/**
 * The 512-byte header block, shared by all variants (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual,
 * "Basic Tar Format"):
 *
 *   0 name 100 | 100 mode 8 | 108 uid 8 | 116 gid 8 | 124 size 12 | 136 mtime 12 | 148 checksum 8 | 156 type 1
 *   157 link name 100 | 257 magic 6 | 263 version 2 | 265 uname 32 | 297 gname 32 | 329 major 8 | 337 minor 8
 *   345 prefix 155 (POSIX only; GNU keeps other things there)
 *
 * v7 headers end after the link name.
 */
import { type ByteString, fromBuffer } from '../bytes/index.ts';
import { BLOCK_BYTES } from './entry.ts';
import { refuse } from './failure.ts';
import type { NumberField } from './numbers.ts';

export const NUMBER_FIELD = {
  mode: { start: 100, length: 8, name: 'mode' },
  uid: { start: 108, length: 8, name: 'uid' },
  gid: { start: 116, length: 8, name: 'gid' },
  size: { start: 124, length: 12, name: 'size' },
  mtime: { start: 136, length: 12, name: 'mtime', signed: true },
  major: { start: 329, length: 8, name: 'device major' },
  minor: { start: 337, length: 8, name: 'device minor' },
} as const satisfies Record<string, NumberField>;

export interface TextField {
  readonly start: number;
  readonly length: number;
}

export const TEXT_FIELD = {
  name: { start: 0, length: 100 },
  link: { start: 157, length: 100 },
  magic: { start: 257, length: 8 },
  uname: { start: 265, length: 32 },
  gname: { start: 297, length: 32 },
  prefix: { start: 345, length: 155 },
} as const satisfies Record<string, TextField>;

export const TYPE_AT = 156;
export const USTAR_MAGIC = 'ustar\x0000';
const CHECKSUM: NumberField = { start: 148, length: 8, name: 'checksum' };
const SPACE = 0x20;

export type Dialect = 'v7' | 'ustar' | 'gnu';

/** By the magic. GNU has a blank where POSIX has a NUL. */
export function dialectOf(block: Buffer): Dialect {
  const at = TEXT_FIELD.magic.start;
  const isUstar =
    block[at] === 0x75 &&
    block[at + 1] === 0x73 &&
    block[at + 2] === 0x74 &&
    block[at + 3] === 0x61 &&
    block[at + 4] === 0x72;
  if (!isUstar) return 'v7';
  return block[at + 5] === SPACE ? 'gnu' : 'ustar';
}

/** A text field up to its first NUL. */
export function readText(block: Buffer, { start, length }: TextField): ByteString {
  let end = start;
  while (end < start + length && block[end] !== 0) end += 1;
  return end === start ? ('' as ByteString) : fromBuffer(block, start, end);
}

export function isZeroBlock(block: Buffer): boolean {
  if (block[0] !== 0) return false;
  for (let i = 1; i < BLOCK_BYTES; i++) if (block[i] !== 0) return false;
  return true;
}

/** The sum of all bytes, with the checksum field taken as blanks. */
export function checksum(block: Buffer): number {
  let sum = CHECKSUM.length * SPACE;
  for (let i = 0; i < CHECKSUM.start; i++) sum += block[i]!;
  for (let i = CHECKSUM.start + CHECKSUM.length; i < BLOCK_BYTES; i++) sum += block[i]!;
  return sum;
}

/** Old archivers summed bytes as signed characters: each one above 0x7f counts 256 less. */
function signedChecksum(block: Buffer): number {
  let sum = checksum(block);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const inField = i >= CHECKSUM.start && i < CHECKSUM.start + CHECKSUM.length;
    if (!inField && block[i]! > 0x7f) sum -= 256;
  }
  return sum;
}

export function verifyChecksum(block: Buffer, offset: number): void {
  const stored = readChecksum(block);
  if (stored !== undefined && (stored === checksum(block) || stored === signedChecksum(block))) return;
  refuse('wrong header checksum: damaged, or not a tar archive', offset);
}

function readChecksum(block: Buffer): number | undefined {
  // Text that is no number here means "not tar", which is the better message.
  let at = CHECKSUM.start;
  const end = at + CHECKSUM.length;
  while (at < end && block[at] === SPACE) at += 1;
  let value: number | undefined;
  for (; at < end && block[at]! >= 0x30 && block[at]! < 0x38; at++)
    value = (value ?? 0) * 8 + (block[at]! - 0x30);
  return value;
}

/** Six digits, a NUL, a blank: what every archiver writes. */
export function writeChecksum(block: Buffer): void {
  const digits = checksum(block).toString(8).padStart(6, '0');
  block.write(`${digits}\0 `, CHECKSUM.start, CHECKSUM.length, 'latin1');
}
