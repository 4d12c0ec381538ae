import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomSource, randomTree } from '../../../tests/support/random-tree.ts';
import { FormatError } from '../../errors/index.ts';
import type { ByteString } from '../bytes/index.ts';
import type { Tree } from '../tree/index.ts';
import { readImage, writeImage } from './index.ts';

const metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 1, mtimeNsec: 0, xattrs: undefined };

/** A tree, or a FormatError with an offset; anything else fails the test. */
function readOrRefuse(image: Buffer): Tree | undefined {
  try {
    return readImage(image).tree;
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).position.offset).toBeTypeOf('number');
    return undefined;
  }
}

describe('readImage of anything', () => {
  const image = writeImage(randomTree(11, { size: 200, whiteouts: true }), { version: 1 }).image;

  it('survives random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), bytes => {
        readOrRefuse(Buffer.from(bytes));
      }),
      { numRuns: 100 },
    );
  });

  it('survives changed bits', () => {
    const random = randomSource(1);
    let refused = 0;
    for (let run = 0; run < 1500; run++) {
      const broken = Buffer.from(image);
      // Mostly in the structures, not in the padding after them.
      for (let n = 1 + random(4); n > 0; n--)
        broken[random(random(2) === 0 ? 4096 : image.length)]! ^= 1 << random(8);
      if (readOrRefuse(broken) === undefined) refused += 1;
    }
    expect(refused).toBeGreaterThan(50);
  });

  it('survives random inodes and directories behind sound headers', () => {
    const random = randomSource(2);
    for (let run = 0; run < 300; run++) {
      const broken = Buffer.from(image.subarray(0, 16384));
      for (let i = 1152; i < broken.length; i++) if (random(6) === 0) broken[i] = random(256);
      readOrRefuse(broken);
    }
  });

  it('survives being cut off', () => {
    for (let length = 0; length < image.length; length += 509)
      expect(readOrRefuse(image.subarray(0, length))).toBeUndefined();
  });
});

describe('readImage refuses', () => {
  const tree: Tree = {
    kind: 'directory',
    ...metadata,
    entries: new Map([['d' as ByteString, { kind: 'directory', ...metadata, entries: new Map() }]]),
  };
  const image = writeImage(tree, { version: 1 }).image;
  /** The root has an inode without tail and one data block or more; `d` is the last entry there. */
  const patched = (patch: (image: Buffer) => void): Buffer => {
    const copy = Buffer.from(image);
    patch(copy);
    return copy;
  };
  const direntOf = (copy: Buffer, name: string): number => {
    const { start, index } = findName(copy, name);
    return start + index * 12;
  };
  function findName(copy: Buffer, name: string): { start: number; index: number } {
    for (let start = 4096; start < copy.length; start += 4096) {
      const count = copy.readUInt16LE(start + 8) / 12;
      for (let index = 0; Number.isInteger(count) && index < count; index++) {
        const from = copy.readUInt16LE(start + index * 12 + 8);
        if (copy.toString('latin1', start + from, start + from + name.length + 1) === `${name}\0`)
          return { start, index };
      }
    }
    throw new Error(`no entry ${name}`);
  }

  it('nothing of a V2 header, whose root has no hidden names', () => {
    const { tree: shown } = readImage(patched(copy => copy.writeUInt32LE(2, 12)));
    expect(shown.entries.size).toBe(257);
    expect(readImage(image).tree.entries.size).toBe(1);
  });

  it('a directory that holds itself', () => {
    const loop = patched(copy => copy.writeUInt32LE(36, direntOf(copy, 'ff')));
    expect(() => readImage(loop)).toThrow(/a directory with two names/);
  });

  it.each([
    ['another magic', 0, /not a composefs image/],
    ['another header version', 4, /header version/],
    ['a newer composefs version', 12, /composefs version/],
    ['another superblock', 1024, /no EROFS superblock/],
    ['an unknown feature', 1024 + 80, /feature/],
  ])('%s', (_, offset, reason) => {
    expect(() => readImage(patched(copy => copy.writeUInt32LE(99, offset)))).toThrow(reason);
  });

  it('an inode beyond the image', () => {
    expect(() => readImage(patched(copy => copy.writeUInt32LE(0x7fffffff, direntOf(copy, 'ff'))))).toThrow(
      /outside the image/,
    );
  });

  it('an absurd directory size, at once', () => {
    expect(() => readImage(patched(copy => copy.writeUInt32LE(0xfffff000, 36 * 32 + 8)))).toThrow(
      /beyond the end/,
    );
  });
});

describe('readImage of an image that leads to the same bytes again and again', () => {
  it('ends at once', () => {
    // 65,000 directory inodes, all with the same megabyte of entries, which name all these inodes.
    const inodes = 65_000;
    const size = 1 << 20;
    const image = Buffer.alloc(4096 + inodes * 32 + size);
    const dataBlock = Math.ceil((4096 + inodes * 32) / 4096) - 1;
    image.writeUInt32LE(0xd078629a, 0);
    image.writeUInt32LE(1, 4);
    image.writeUInt32LE(0xe0f5e1e2, 1024);
    image[1036] = 12;
    image.writeUInt16LE(128, 1038);
    for (let i = 0; i < inodes; i++) {
      const at = 4096 + i * 32;
      image.writeUInt16LE(0o40755, at + 4);
      image.writeUInt32LE(size, at + 8);
      image.writeUInt32LE(dataBlock, at + 16);
    }
    for (let block = 0; block < size / 4096; block++) {
      const start = dataBlock * 4096 + block * 4096;
      for (let i = 0; i < 200; i++) {
        image.writeUInt32LE(128 + ((block * 200 + i) % inodes), start + i * 12);
        image.writeUInt16LE(2400 + i * 8, start + i * 12 + 8);
        image.write((block * 200 + i).toString().padStart(8, '0'), start + 2400 + i * 8);
      }
    }
    const started = performance.now();
    expect(() => readImage(image)).toThrow(FormatError);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
