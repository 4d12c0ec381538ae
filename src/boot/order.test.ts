import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { AptLayerError } from '../errors/index.ts';
import { parseBootOrder, readBootOrder, writeBootOrder } from './order.ts';

describe('the boot order', () => {
  it('reads what it wrote, and nothing before', () => {
    using scratch = scratchDirectory();
    fs.mkdirSync(`${scratch.path}/state`);
    const { sys } = testHost();
    expect(readBootOrder(sys, scratch.path)).toBeUndefined();
    writeBootOrder(sys, scratch.path, ['b', 'a']);
    expect(readBootOrder(sys, scratch.path)).toStrictEqual(['b', 'a']);
    writeBootOrder(sys, scratch.path, []);
    expect(readBootOrder(sys, scratch.path)).toStrictEqual([]);
    expect(fs.readdirSync(`${scratch.path}/state`)).toStrictEqual(['boot.json']);
  });

  it.each([
    '',
    '[]',
    '{}',
    '{"version":2,"order":[]}',
    '{"version":1,"order":[1]}',
    '{"version":1,"order":"a"}',
  ])('refuses %s', text => {
    expect(() => parseBootOrder('boot.json', Buffer.from(text))).toThrow(/boot.json/);
  });

  it('gives a typed error for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(() => parseBootOrder('boot.json', Buffer.from(bytes))).toThrow(AptLayerError);
      }),
    );
  });
});
