import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignLayers, type Component } from './assign.ts';

const MIB = 1024 * 1024;
const component = fc.record({
  name: fc.stringMatching(/^[a-z][a-z0-9]{1,6}$/),
  bytes: fc.nat({ max: 200 * MIB }),
  changesOften: fc.boolean(),
});
const components = fc.uniqueArray(component, { selector: one => one.name, maxLength: 120 });
const max = fc.integer({ min: 1, max: 40 });
const prior = fc.array(fc.array(fc.stringMatching(/^[a-z][a-z0-9]{1,6}$/), { maxLength: 5 }), {
  maxLength: 20,
});
const named = (name: string, mib: number, changesOften = false): Component => ({
  name,
  bytes: mib * MIB,
  changesOften,
});

describe('layers', () => {
  it('have each component once, none is empty, and there are never too many', () => {
    fc.assert(
      fc.property(components, prior, max, (all, before, most) => {
        const layers = assignLayers(all, { prior: before, max: most });
        expect(layers.flat().sort()).toEqual(all.map(({ name }) => name).sort());
        expect(layers.length).toBeLessThanOrEqual(most);
        expect(layers.every(layer => layer.length > 0)).toBe(true);
      }),
    );
  });

  it('do not depend on the order in which components come', () => {
    fc.assert(
      fc.property(components, max, (all, most) => {
        const reversed = [...all].reverse();
        expect(assignLayers(reversed, { prior: [], max: most })).toEqual(
          assignLayers(all, { prior: [], max: most }),
        );
      }),
    );
  });

  it('stay as they were, whatever the sizes are now', () => {
    fc.assert(
      fc.property(components, max, fc.nat({ max: 100 * MIB }), (all, most, change) => {
        const before = assignLayers(all, { prior: [], max: most });
        const grown = all.map((one, index) => ({
          ...one,
          bytes: (one.bytes + change * index) % (200 * MIB),
          changesOften: !one.changesOften,
        }));
        expect(assignLayers(grown, { prior: before, max: most })).toEqual(before);
      }),
    );
  });

  it('of which one component goes or comes change by it alone', () => {
    fc.assert(
      fc.property(components, max, (all, most) => {
        fc.pre(all.length > 1);
        const [first, ...rest] = all as [Component, ...Component[]];
        const whole = assignLayers(all, { prior: [], max: most });
        const without = whole
          .map(layer => layer.filter(name => name !== first.name))
          .filter(one => one.length);
        expect(assignLayers(rest, { prior: whole, max: most })).toEqual(without);
        const again = assignLayers(all, { prior: without, max: most });
        expect(
          again.map(layer => layer.filter(name => name !== first.name)).filter(one => one.length),
        ).toEqual(without);
      }),
    );
  });
});

it('what is large is alone, and what changes often is apart from the rest', () => {
  const all = [
    ...[named('kernel', 100), named('compiler', 80)],
    ...Array.from({ length: 20 }, (_, index) => named(`lib${index}`, 2)),
    ...Array.from({ length: 6 }, (_, index) => named(`net${index}`, 1, true)),
  ];
  const layers = assignLayers(all, { prior: [], max: 8 });
  expect(layers).toHaveLength(8);
  expect(layers).toContainEqual(['kernel']);
  expect(layers).toContainEqual(['compiler']);
  const mixed = layers.filter(
    layer => layer.some(name => name.startsWith('net')) && layer.some(name => !name.startsWith('net')),
  );
  expect(mixed).toEqual([]);
  expect(layers.at(-1)?.[0]).toMatch(/^net/);
});

it('too many prior layers become fewer, the smallest first', () => {
  const all = [named('a', 9), named('b', 1), named('c', 8), named('d', 2)];
  const before = [['a'], ['b'], ['c'], ['d']];
  expect(assignLayers(all, { prior: before, max: 3 })).toEqual([['a'], ['b', 'd'], ['c']]);
});
