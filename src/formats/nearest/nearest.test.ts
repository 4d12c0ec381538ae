import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from './index.ts';

describe('nearestName', () => {
  const known = ['bookworm', 'trixie', 'forky', 'sid', 'layers'];
  it.each([
    ['trixi', 'trixie'],
    ['tirxie', 'trixie'],
    ['Trixie', 'trixie'],
    ['bokworm', 'bookworm'],
    ['layer', 'layers'],
    ['sdi', 'sid'],
    ['noble', undefined],
    ['', undefined],
    ['x', undefined],
  ])('%s -> %s', (given, expected) => {
    expect(nearestName(given, known)).toBe(expected);
  });
});

it('is a distance', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});
