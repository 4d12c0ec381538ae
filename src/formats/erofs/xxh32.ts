import type { ByteString } from '../bytes/index.ts';

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

/** XXH32 of bytes, as an unsigned 32-bit number (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). */
export function xxh32(bytes: ByteString, seed: number): number {
  const { length } = bytes;
  let i = 0;
  let h: number;
  if (length >= 16) {
    let a = (seed + P1 + P2) | 0;
    let b = (seed + P2) | 0;
    let c = seed | 0;
    let d = (seed - P1) | 0;
    for (; i + 16 <= length; i += 16) {
      a = round(a, word(bytes, i));
      b = round(b, word(bytes, i + 4));
      c = round(c, word(bytes, i + 8));
      d = round(d, word(bytes, i + 12));
    }
    h = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else {
    h = (seed + P5) | 0;
  }
  h = (h + length) | 0;
  for (; i + 4 <= length; i += 4) h = Math.imul(rotate(h + Math.imul(word(bytes, i), P3), 17), P4);
  for (; i < length; i++) h = Math.imul(rotate(h + Math.imul(bytes.charCodeAt(i), P5), 11), P1);
  h = Math.imul(h ^ (h >>> 15), P2);
  h = Math.imul(h ^ (h >>> 13), P3);
  return (h ^ (h >>> 16)) >>> 0;
}

function round(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, P2)) | 0, 13), P1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: ByteString, i: number): number {
  return (
    bytes.charCodeAt(i) |
    (bytes.charCodeAt(i + 1) << 8) |
    (bytes.charCodeAt(i + 2) << 16) |
    (bytes.charCodeAt(i + 3) << 24)
  );
}
