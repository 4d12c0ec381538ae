import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN_HEADER } from '../../../tests/support/tar-header.ts';
import { type ByteString, fromBuffer, fromText } from '../bytes/index.ts';
import { decodeDevice, encodeDevice } from './device.ts';
import { createTarParser, createTarWriter, parseTar, type TarHeader, type TarType } from './index.ts';
import { parsePaxRecords, serializePaxRecords } from './pax-records.ts';
import { parseTime, renderTime } from './pax-values.ts';

const bytes = (constraints: { minLength?: number; maxLength: number }) =>
  fc.uint8Array(constraints).map(array => fromBuffer(Buffer.from(array)));

const component = fc
  .oneof(bytes({ minLength: 1, maxLength: 12 }), bytes({ minLength: 90, maxLength: 160 }))
  .map(name => name.replace(/[\0/]/g, '_'))
  .filter(name => name !== '.');
const path = fc.array(component, { minLength: 1, maxLength: 5 }).map(names => names.join('/') as ByteString);
const text = (maxLength: number) =>
  bytes({ maxLength }).map(value => value.replaceAll('\0', '.') as ByteString);
const id = fc.oneof(fc.nat(70_000), fc.integer({ min: 0, max: 0xfffffffe }));
const xattrs = fc.option(
  fc
    .array(fc.tuple(bytes({ minLength: 1, maxLength: 40 }), bytes({ maxLength: 300 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map(pairs => new Map(pairs.map(([name, value]) => [name.replaceAll('\0', '=') as ByteString, value]))),
  { nil: undefined },
);
const types: TarType[] = ['file', 'directory', 'symlink', 'hardlink', 'character', 'block', 'fifo'];

interface Sample {
  readonly header: TarHeader;
  readonly body: Buffer;
}

const sample: fc.Arbitrary<Sample> = fc
  .record({
    path,
    type: fc.constantFrom(...types),
    link: path,
    mode: fc.nat(0o7777),
    uid: id,
    gid: id,
    uname: text(40),
    gname: text(40),
    body: fc.uint8Array({ maxLength: 1200 }),
    mtime: fc.oneof(fc.nat(2_000_000_000), fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
    mtimeNsec: fc.oneof(fc.constant(0), fc.nat(999_999_999)),
    device: fc.tuple(fc.nat(0xfff), fc.nat(0xfffff)),
    xattrs,
  })
  .map(({ link, body, device, ...rest }) => {
    const { type } = rest;
    const isDevice = type === 'character' || type === 'block';
    const content = Buffer.from(type === 'file' ? body : []);
    const linkTarget = type === 'symlink' || type === 'hardlink' ? link : ('' as ByteString);
    const rdev = isDevice ? encodeDevice(...device) : 0;
    return { header: { ...rest, linkTarget, rdev, size: content.length }, body: content };
  });

function write(samples: readonly Sample[]): Buffer {
  const chunks: Buffer[] = [];
  const writer = createTarWriter(chunk => chunks.push(chunk));
  for (const { header, body } of samples) {
    writer.entry(header);
    writer.data(body.subarray(0, 7));
    writer.data(body.subarray(7));
  }
  writer.end();
  return Buffer.concat(chunks);
}

/** Parses in pieces of the given sizes, in turn, each in memory that is overwritten afterwards. */
function readInPieces(archive: Buffer, sizes: readonly number[]): Sample[] {
  const samples: { header: TarHeader; body: Buffer }[] = [];
  const parser = createTarParser({
    entry: ({ rawPath: _raw, offset: _offset, ...header }) => samples.push({ header, body: Buffer.alloc(0) }),
    data: chunk => {
      const last = samples.at(-1)!;
      last.body = Buffer.concat([last.body, chunk]);
    },
    entryEnd: () => undefined,
  });
  for (let at = 0, i = 0; at < archive.length; i++) {
    const size = sizes[i % sizes.length]!;
    const piece = Buffer.from(archive.subarray(at, at + size));
    parser.write(piece);
    piece.fill(0x2a);
    at += size;
  }
  parser.end();
  return samples;
}

describe('parse(write(x))', () => {
  it('is x, whatever the sizes of the chunks', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 4 }), sizes, (samples, pieces) => {
        const archive = write(samples);
        expect(archive.length % 512).toBe(0);
        expect(readInPieces(archive, pieces)).toEqual(samples);
      }),
      { numRuns: 150 },
    );
  });

  it('is x byte by byte', () => {
    const samples = fc.sample(sample, { seed: 7, numRuns: 5 });
    expect(readInPieces(write(samples), [1])).toEqual(samples);
  });

  it('gives the same archive again', () => {
    const archive = write(fc.sample(sample, { seed: 3, numRuns: 20 }));
    const again = parseTar(archive).map(({ entry, body }) => ({ header: entry, body }));
    expect(write(again).equals(archive)).toBe(true);
  });

  it('keeps the root', () => {
    const [first] = fc.sample(sample, { seed: 1, numRuns: 1 });
    const header: TarHeader = {
      ...first!.header,
      path: fromText(''),
      type: 'directory',
      linkTarget: fromText(''),
    };
    const root = { header: { ...header, size: 0, rdev: 0 }, body: Buffer.alloc(0) };
    expect(readInPieces(write([root]), [512])).toEqual([root]);
  });
});

describe('createTarWriter', () => {
  const header: TarHeader = { ...PLAIN_HEADER, path: fromText('f'), size: 2 };

  it('uses a pax header only where ustar has no room', () => {
    const length = (change: Partial<TarHeader>) =>
      write([{ header: { ...header, ...change, size: 0 }, body: Buffer.alloc(0) }]).length;
    const plain = 3 * 512;
    expect(length({})).toBe(plain);
    expect(length({ path: fromText(`${'a'.repeat(155)}/${'b'.repeat(100)}`) })).toBe(plain);
    expect(length({ path: fromText(`${'a'.repeat(156)}/${'b'.repeat(100)}`) })).toBe(plain + 1024);
    expect(length({ path: fromText('b'.repeat(101)) })).toBe(plain + 1024);
    expect(length({ uid: 0o7777777 })).toBe(plain);
    expect(length({ uid: 0o7777777 + 1 })).toBe(plain + 1024);
    expect(length({ mtime: 2 ** 33 - 1 })).toBe(plain);
    expect(length({ mtime: 2 ** 33 })).toBe(plain + 1024);
  });

  it.each([
    ['a body too short', [{ size: 2 }, 1]],
    ['a body too long', [{ size: 2 }, 3]],
    ['a directory with a size', [{ type: 'directory' }, 2]],
    ['a link without a target', [{ type: 'symlink', size: 0 }, 0]],
    ['a NUL in a name', [{ path: fromText('a\0b') }, 2]],
    ['an impossible owner', [{ uid: 2 ** 32 }, 2]],
  ] as const)('calls %s a bug', (_, [change, length]) => {
    expect(() => write([{ header: { ...header, ...change }, body: Buffer.alloc(length) }])).toThrow(
      /^tar entry/,
    );
  });
});

describe('pax values', () => {
  it('round trip as records of any bytes', () => {
    const keyword = bytes({ minLength: 1, maxLength: 120 }).map(
      name => name.replaceAll('=', '-') as ByteString,
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(keyword, bytes({ maxLength: 1100 }))), records => {
        expect(parsePaxRecords(serializePaxRecords(records), 0)).toEqual(records);
      }),
    );
  });

  it('round trip as times', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(999_999_999), (seconds, nsec) => {
        fc.pre(Math.abs(seconds) < 2 ** 52);
        expect(parseTime(renderTime({ seconds, nsec }), 0)).toEqual({ seconds: seconds + 0, nsec });
      }),
    );
  });

  it.each([
    ['0', 0, 0],
    ['-0', 0, 0],
    ['1.5', 1, 500_000_000],
    ['-1.25', -2, 750_000_000],
    ['1.', 1, 0],
    ['1.1234567899', 1, 123_456_789],
    ['-1.0000000001', -2, 999_999_999],
    ['-1.9999999999', -2, 0],
  ])('read the time %s rounded down', (value, seconds, nsec) => {
    expect(parseTime(fromText(value), 0)).toEqual({ seconds, nsec });
  });

  it('hold every device number', () => {
    fc.assert(
      fc.property(fc.nat(0xfff), fc.nat(0xfffff), (major, minor) => {
        expect(decodeDevice(encodeDevice(major, minor))).toEqual({ major, minor });
      }),
    );
    // From stat(2) on Linux: /dev/null, /dev/pts/300, an nvme partition of a high minor.
    expect([encodeDevice(1, 3), encodeDevice(136, 300), encodeDevice(259, 70_000)]).toEqual([
      0x103, 0x10882c, 0x11110370,
    ]);
  });
});
