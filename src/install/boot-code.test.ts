import { expect, it } from 'vitest';
import { bootSector, coreInPlace } from './boot-code.ts';

it('puts boot code before the disk signature and the partition table', () => {
  const sector = Buffer.alloc(512, 0xaa);
  const made = bootSector(sector, Buffer.alloc(512, 0xbb), 2048);
  expect(made.readBigUInt64LE(0x5c)).toBe(2048n);
  expect([made[0x5b], made[0x64], made[0x65], made[0x66], made[0x67], made[0x68]]).toEqual([
    0xbb, 0xff, 0xbb, 0x90, 0x90, 0xbb,
  ]);
  expect([made[0x1b7], made[0x1b8], made[511]]).toEqual([0xbb, 0xaa, 0xaa]);
  expect(sector[0]).toBe(0xaa);
});

it('tells the core where the rest of it is', () => {
  const made = coreInPlace(Buffer.alloc(1300, 1), 2048);
  expect(made.length).toBe(3 * 512);
  expect(made.readBigUInt64LE(0x1f4)).toBe(2049n);
  expect([made.readUInt16LE(0x1fc), made.readUInt16LE(0x1fe)]).toEqual([2, 0x820]);
  expect([made[1299], made[1300]]).toEqual([1, 0]);
});
