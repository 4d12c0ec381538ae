import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { digestAlgorithm, objectPath, parseDigest, verityDigest, verityHasher } from './index.ts';

/** The definition written out: hash the blocks of each level until one hash is left. */
function referenceDigest(data: Buffer, algorithm: 'sha256' | 'sha512'): string {
  const h = (block: Buffer) => createHash(algorithm).update(block).digest();
  let level = data;
  let root = Buffer.alloc(0);
  while (level.length > 0) {
    const hashes: Buffer[] = [];
    for (let o = 0; o < level.length; o += 4096) {
      hashes.push(h(Buffer.concat([level.subarray(o, o + 4096), Buffer.alloc(4096)]).subarray(0, 4096)));
    }
    if (hashes.length === 1) {
      root = hashes[0]! as Buffer<ArrayBuffer>;
      break;
    }
    level = Buffer.concat(hashes);
  }
  const descriptor = Buffer.alloc(256);
  descriptor.set([1, algorithm === 'sha256' ? 1 : 2, 12, 0]);
  descriptor.writeBigUInt64LE(BigInt(data.length), 8);
  descriptor.set(root, 16);
  return h(descriptor).toString('hex');
}

describe('verityDigest', () => {
  it.each([
    ['', 'sha256', '3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95'],
    ['hello world', 'sha256', '1e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64'],
    [
      'hello world',
      'sha512',
      '18430270729d162d4e469daca123ae61893db4b0583d8f7081e3bf4f92b88ba514e7982f10733fb6aa895195c5ae8fd2eb2c47a8be05513ce5a0c51a6f570409',
    ],
  ] as const)('%j with %s is what fsverity prints', (text, algorithm, digest) => {
    expect(verityDigest(Buffer.from(text), algorithm)).toBe(digest);
  });

  it.each([1, 64, 4095, 4096, 4097, 2 ** 18, 2 ** 18 + 1, 2 ** 19, 2 ** 19 + 1, 2 ** 20 + 5])(
    '%i bytes follow the definition',
    size => {
      const data = Buffer.alloc(size);
      for (let i = 0; i < size; i++) data[i] = (i * 31 + (i >>> 8)) & 0xff;
      expect(verityDigest(data, 'sha256')).toBe(referenceDigest(data, 'sha256'));
      expect(verityDigest(data, 'sha512')).toBe(referenceDigest(data, 'sha512'));
    },
  );

  it('grows a third level', () => {
    const data = Buffer.alloc(4096 * 64 * 64 + 1, 9);
    expect(verityDigest(data, 'sha512')).toBe(referenceDigest(data, 'sha512'));
  });
});

describe('verityHasher', () => {
  it('gives the same digest however the data is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 12 }), cuts => {
        const data = Buffer.alloc(
          cuts.reduce((sum, n) => sum + n, 0),
          'pattern',
        );
        const hasher = verityHasher('sha256');
        let offset = 0;
        for (const n of cuts) {
          hasher.update(data.subarray(offset, offset + n));
          offset += n;
        }
        expect(hasher.digest()).toBe(referenceDigest(data, 'sha256'));
      }),
      { numRuns: 30 },
    );
  });
});

describe('digests as text', () => {
  const hex = '0123456789abcdef'.repeat(4);

  it('splits an object path after two digits', () => {
    expect(objectPath(hex)).toBe(`01/${hex.slice(2)}`);
  });

  it('accepts both lengths and any case', () => {
    expect(parseDigest(hex.toUpperCase())).toBe(hex);
    expect(digestAlgorithm(parseDigest(hex + hex))).toBe('sha512');
    expect(parseDigest(hex, 'sha256')).toBe(hex);
  });

  it.each(['', 'ab', hex.slice(1), `${hex}0`, `${hex.slice(1)}g`, `../${hex.slice(3)}`])(
    'refuses %j',
    text => {
      expect(() => parseDigest(text)).toThrow(AptLayerError);
    },
  );

  it('refuses the digest of another algorithm', () => {
    expect(() => parseDigest(hex, 'sha512')).toThrow(/128 hex digits of sha512/);
  });
});
