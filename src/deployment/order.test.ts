import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someDeployments } from '../../tests/support/deployment.ts';
import { planCleanup } from './cleanup-plan.ts';
import { inOrder, movedToFront } from './order.ts';
import { positions } from './positions.ts';

describe('inOrder', () => {
  const found = [
    { id: 'a', createdSeconds: 1 },
    { id: 'b', createdSeconds: 2 },
    { id: 'c', createdSeconds: 3 },
    { id: 'd', createdSeconds: 3 },
  ];
  const cases = [
    ['no order', [], 'dcba'],
    ['a full order', ['b', 'a', 'd', 'c'], 'badc'],
    ['an order that lacks some', ['a'], 'adcb'],
    ['names that are gone, and repeated ones', ['x', 'b', 'b', 'y', 'a'], 'badc'],
  ] as const;
  it.each(cases)('with %s', (_, order, expected) => {
    expect(
      inOrder(order, found)
        .map(one => one.id)
        .join(''),
    ).toBe(expected);
  });

  it('never loses one', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'x')), order => {
        expect(
          inOrder(order, found)
            .map(one => one.id)
            .sort(),
        ).toStrictEqual(['a', 'b', 'c', 'd']);
      }),
    );
  });
});

describe('movedToFront', () => {
  it('keeps the others in their order, and adds a new one', () => {
    expect(movedToFront(['a', 'b', 'c'], 'c')).toStrictEqual(['c', 'a', 'b']);
    expect(movedToFront(['a'], 'n')).toStrictEqual(['n', 'a']);
  });
});

describe('positions', () => {
  const cases = [
    ['no deployment', 0, undefined, {}],
    ['one', 1, undefined, { pending: 0 }],
    ['three, none booted', 3, undefined, { pending: 0, rollback: 1 }],
    ['the default booted', 3, 0, { booted: 0, rollback: 1 }],
    ['another pending', 3, 1, { booted: 1, pending: 0, rollback: 1 }],
    ['only the booted one', 1, 0, { booted: 0 }],
  ] as const;
  it.each(cases)('of %s', (_, count, booted, expected) => {
    const found = positions(someDeployments(count, booted));
    const indexes = Object.entries(found).flatMap(([role, one]) => (one ? [[role, one.index]] : []));
    expect(Object.fromEntries(indexes)).toStrictEqual(expected);
  });
});

describe('planCleanup', () => {
  function removed(count: number, booted: number | undefined, keep: number, pinned?: number) {
    const all = someDeployments(count, booted).map(one => ({ ...one, pinned: one.index === pinned }));
    return planCleanup(all, keep).removed.map(one => one.index);
  }

  it('takes what nothing protects', () => {
    expect(removed(5, undefined, 2)).toStrictEqual([2, 3, 4]);
    expect(removed(5, undefined, 4)).toStrictEqual([4]);
    expect(removed(5, undefined, 2, 3)).toStrictEqual([2, 4]);
    expect(removed(2, undefined, 2)).toStrictEqual([]);
  });

  it('keeps default and rollback however few are to be kept', () => {
    expect(removed(4, undefined, 0)).toStrictEqual([2, 3]);
  });

  it('keeps the booted one and the one after it, wherever they stand', () => {
    expect(removed(5, 3, 1)).toStrictEqual([1, 2]);
    expect(removed(5, 0, 1)).toStrictEqual([2, 3, 4]);
  });
});
