import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { type DebMember, parseDebLayout } from './index.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'apt-layer-deb-'));
  const root = join(directory, 'root');
  mkdirSync(join(root, 'DEBIAN'), { recursive: true });
  writeFileSync(
    join(root, 'DEBIAN', 'control'),
    'Package: demo\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: demo\n',
  );
  writeFileSync(join(root, 'file'), 'content\n');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function layoutOf(deb: Buffer) {
  return parseDebLayout((offset, length) => deb.subarray(offset, offset + length), deb.length);
}

function unpack(deb: Buffer, { offset, size, compression }: DebMember): Buffer {
  const input = deb.subarray(offset, offset + size);
  if (compression === 'none') return input;
  return compression === 'gzip' ? gunzipSync(input) : execFileSync(compression, ['-dc'], { input });
}

describe('parseDebLayout of what dpkg-deb builds', () => {
  it.each([
    ['none', '-Znone', ''],
    ['gzip', '-Zgzip', '.gz'],
    ['xz', '-Zxz', '.xz'],
    ['zstd', '-Zzstd', '.zst'],
  ] as const)('with %s', (compression, option, suffix) => {
    const path = join(directory, `${compression}.deb`);
    execFileSync('dpkg-deb', [
      option,
      '--uniform-compression',
      '--root-owner-group',
      '-b',
      join(directory, 'root'),
      path,
    ]);
    const deb = readFileSync(path);
    const layout = layoutOf(deb);
    expect(layout).toMatchObject({
      formatVersion: '2.0',
      control: { name: `control.tar${suffix}`, compression },
      data: { name: `data.tar${suffix}`, compression },
    });
    expect(unpack(deb, layout.control)).toEqual(execFileSync('dpkg-deb', ['--ctrl-tarfile', path]));
    expect(unpack(deb, layout.data)).toEqual(execFileSync('dpkg-deb', ['--fsys-tarfile', path]));
  });
});

type Part = readonly [name: string, body: string, size?: string];

function ar(parts: readonly Part[], magic = '!<arch>\n'): Buffer {
  const members = parts.map(([name, body, size = `${body.length}`]) => {
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${size.padEnd(10)}\`\n`;
    return header + body + (body.length % 2 === 1 ? '\n' : '');
  });
  return Buffer.from(magic + members.join(''), 'latin1');
}

const VERSION: Part = ['debian-binary', '2.0\n'];
const CONTROL: Part = ['control.tar.xz', 'abc'];
const DATA: Part = ['data.tar.zst', 'defg'];

describe('parseDebLayout', () => {
  it('finds members at even offsets', () => {
    expect(layoutOf(ar([VERSION, CONTROL, DATA]))).toEqual({
      formatVersion: '2.0',
      control: { name: 'control.tar.xz', compression: 'xz', offset: 132, size: 3 },
      data: { name: 'data.tar.zst', compression: 'zstd', offset: 196, size: 4 },
    });
  });

  it.each<[string, readonly Part[]]>([
    ['a newer minor version and more lines', [['debian-binary', '2.1\nmore\n'], CONTROL, DATA]],
    [
      'names that end in a slash',
      [
        ['debian-binary/', '2.0\n'],
        ['control.tar.xz/', 'a'],
        ['data.tar.zst/', 'b'],
      ],
    ],
    ['members to ignore', [VERSION, ['_gpgorigin', 'x'], CONTROL, ['_other', 'y'], DATA]],
    ['anything behind data.tar', [VERSION, CONTROL, DATA, ['new', 'x', '99999999']]],
  ])('accepts %s', (_, parts) => {
    expect(layoutOf(ar(parts)).data.compression).toBe('zstd');
  });

  it('accepts a last member of odd size without its padding', () => {
    const deb = ar([VERSION, CONTROL, ['data.tar', 'abc']]);
    expect(layoutOf(deb.subarray(0, -1)).data).toMatchObject({ compression: 'none', size: 3 });
  });

  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /cut off/],
    ['another file', Buffer.from('PK\x03\x04......'), /no ar magic/],
    ['a package from before 1995', Buffer.from('0.939000\n1234\n'), /0\.939/],
    ['only the magic', ar([]), /cut off/],
    ['no data', ar([VERSION, CONTROL]), /cut off/],
    ['another first member', ar([CONTROL, VERSION, DATA]), /the first member is control\.tar\.xz/],
    ['data before control', ar([VERSION, DATA, CONTROL]), /data\.tar\.zst instead of control\.tar/],
    ['a member in between', ar([VERSION, CONTROL, ['other', ''], DATA]), /other instead of data\.tar/],
    ['a name that only begins right', ar([VERSION, CONTROL, ['data.tarball', '']]), /data\.tarball instead/],
    ['control of lzma', ar([VERSION, ['control.tar.lzma', ''], DATA]), /control\.tar\.lzma instead/],
    ['control of bzip2', ar([VERSION, ['control.tar.bz2', ''], DATA]), /control\.tar\.bz2 instead/],
    ['an unknown compression', ar([VERSION, CONTROL, ['data.tar.lz', '']]), /data\.tar\.lz instead/],
    ['major version 3', ar([['debian-binary', '3.0\n'], CONTROL, DATA]), /format 3\.0/],
    ['no version', ar([['debian-binary', ''], CONTROL, DATA]), /no format version/],
    [
      'a size beyond the file',
      ar([VERSION, ['control.tar', 'a', '9999999999'], DATA]),
      /longer than the file/,
    ],
    ['a negative size', ar([VERSION, ['control.tar', 'a', '-60'], DATA]), /no size/],
    ['a size that is no number', ar([VERSION, ['control.tar', 'a', '0x10'], DATA]), /no size/],
    ['a wrong size', ar([VERSION, ['control.tar', 'abc', '1'], DATA]), /no ar member/],
    ['a BSD long name', ar([VERSION, ['#1/11', 'control.tar'], DATA]), /not one a \.deb may have/],
    ['a GNU name table', ar([VERSION, ['//', 'control.tar'], DATA]), /not one a \.deb may have/],
    ['no name', ar([VERSION, ['', 'control.tar'], DATA]), /not one a \.deb may have/],
    [
      'endless members to ignore',
      ar([VERSION, ...Array.from({ length: 66 }, (): Part => ['_x', ''])]),
      /more than 64/,
    ],
  ])('refuses %s', (_, deb, reason) => {
    expect(() => layoutOf(deb)).toThrow(FormatError);
    expect(() => layoutOf(deb)).toThrow(reason);
  });

  it('refuses every cut before the end of data.tar', () => {
    const deb = ar([VERSION, CONTROL, DATA]);
    for (let length = 0; length < deb.length; length++) {
      expect(() => layoutOf(deb.subarray(0, length))).toThrow(FormatError);
      // The size was read before the file shrank.
      const cut = deb.subarray(0, length);
      if (length < 196) {
        expect(() => parseDebLayout((at, n) => cut.subarray(at, at + n), deb.length)).toThrow(FormatError);
      }
    }
  });

  it('gives a layout inside the file or a FormatError, whatever the bytes', () => {
    const good = ar([VERSION, ['_sig', 'x'], CONTROL, DATA]);
    const change = fc.tuple(
      fc.nat(good.length - 1),
      fc.constantFrom(...Buffer.from('\0 09/-_`\nax\xff', 'latin1')),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), changes => {
        const bad = Buffer.from(good);
        for (const [at, byte] of changes) bad[at] = byte;
        try {
          const { control, data } = layoutOf(bad);
          expect(control.offset + control.size).toBeLessThanOrEqual(data.offset);
          expect(data.offset + data.size).toBeLessThanOrEqual(bad.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
