import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { AptLayerError } from '../errors/index.ts';
import { withTransaction } from '../transaction/index.ts';
import { parseBootloader, readBootloader, writeBootloader } from './bootloader-file.ts';

const options = { verb: 'test', commandLine: 'test' };

describe('what says how a sysroot is booted', () => {
  it('reads what it wrote, and nothing before', async () => {
    using scratch = scratchDirectory();
    const at = { host: testHost(), sysroot: scratch.path };
    expect(readBootloader(at)).toBeUndefined();
    const written = {
      loader: 'grub',
      boot: { path: '/boot' },
      arguments: ['root=UUID=1'],
      verity: true,
    } as const;
    await withTransaction(at, options, async transaction => writeBootloader(transaction, written));
    expect(readBootloader(at)).toStrictEqual(written);
  });

  it.each([
    '{}',
    '{"version":2,"loader":"grub","boot":{"path":"/boot"},"arguments":[]}',
    '{"version":1,"loader":"lilo","boot":{"path":"/boot"},"arguments":[]}',
    '{"version":1,"loader":"grub","boot":{"path":"/../etc"},"arguments":[]}',
    '{"version":1,"loader":"grub","boot":{"partuuid":"../sda"},"arguments":[]}',
    '{"version":1,"loader":"grub","boot":{"path":"/boot"},"arguments":[1]}',
  ])('refuses %s', text => {
    expect(() => parseBootloader('bootloader.json', Buffer.from(text))).toThrow(/bootloader.json/);
  });

  it('gives a typed error for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(() => parseBootloader('bootloader.json', Buffer.from(bytes))).toThrow(AptLayerError);
      }),
    );
  });
});
