import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { zstdCompressor, zstdVersion } from './compress-zstd.ts';
import { decompress } from './decompress.ts';

const MIB = 1024 * 1024;

function unpacked(packed: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  decompress('zstd', {
    read: buffer => {
      const count = packed.copy(buffer, 0, at);
      at += count;
      return count;
    },
    write: chunk => parts.push(Buffer.from(chunk)),
  });
  return Buffer.concat(parts);
}

it('one stream after the other comes back as it was, however it was cut', () => {
  const compressor = zstdCompressor(3);
  try {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 12 * MIB }), fc.nat({ max: 255 })), { maxLength: 4 }),
        all => {
          const pieces = all.map(([size, value]) => Buffer.alloc(size, value));
          const packed = Buffer.concat([
            ...pieces.flatMap(piece => compressor.add(piece)),
            ...compressor.end(),
          ]);
          const whole = Buffer.concat(pieces);
          expect(unpacked(packed).equals(whole)).toBe(true);
          const again = Buffer.concat([...compressor.add(whole), ...compressor.end()]);
          expect(again.equals(packed)).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  } finally {
    compressor.close();
  }
});

it('is read by zstd, with a checksum, and names its version', () => {
  const compressor = zstdCompressor(3);
  const packed = Buffer.concat([...compressor.add(Buffer.from('text')), ...compressor.end()]);
  compressor.close();
  expect(execFileSync('zstd', ['-dc'], { input: packed }).toString()).toBe('text');
  packed[packed.length - 1] = (packed[packed.length - 1] ?? 0) ^ 1;
  expect(() => execFileSync('zstd', ['-dc'], { input: packed, stdio: 'pipe' })).toThrow();
  expect(zstdVersion()).toMatch(/^1\.\d+\.\d+$/);
});
