import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from './suggest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['status', 'statsu', 1],
    ['status', 'satus', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('%s to %s is %i', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));

  it('is symmetric, and zero only for equals', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe('suggest', () => {
  const verbs = ['status', 'rollback', 'rebase', 'layer', 'upgrade'];
  it.each([
    ['statsu', 'status'],
    ['roll', 'rollback'],
    ['UPGRADE', 'upgrade'],
    ['re', 'rebase'],
    ['x', undefined],
    ['frobnicate', undefined],
    ['a'.repeat(10_000), undefined],
  ])('%s', (word, expected) => expect(suggest(word, verbs)).toBe(expected));
});
