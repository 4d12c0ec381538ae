import { describe, expect, it } from 'vitest';
import { fromText } from '../bytes/index.ts';
import { xxh32 } from './xxh32.ts';

describe('xxh32', () => {
  it.each([
    ['', 0, 0x02cc5d05],
    ['', 0x9e3779b1, 0x36b78ae7],
    ['abc', 0, 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0, 0xe2293b2f],
  ])('%j with seed %i', (text, seed, expected) => {
    expect(xxh32(fromText(text), seed)).toBe(expected);
  });
});
