import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { AptLayerError } from '../errors/index.ts';
import { withTransaction } from '../transaction/index.ts';
import { parseBootOrder, readBootOrder, writeBootOrder } from './order.ts';

const options = { verb: 'test', commandLine: 'test' };

describe('the boot order', () => {
  it('reads what it wrote, and nothing before', async () => {
    using scratch = scratchDirectory();
    const at = { host: testHost(), sysroot: scratch.path };
    const write = (ids: string[]) =>
      withTransaction(at, options, async transaction => writeBootOrder(transaction, ids));
    expect(readBootOrder(at)).toBeUndefined();
    await write(['b', 'a']);
    expect(readBootOrder(at)).toStrictEqual(['b', 'a']);
    await write([]);
    expect(readBootOrder(at)).toStrictEqual([]);
    expect(fs.readdirSync(`${scratch.path}/state`).filter(name => name.startsWith('.tmp-'))).toStrictEqual(
      [],
    );
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
