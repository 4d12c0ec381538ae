import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batcher, batchPool } from './batches.ts';

const MIB = 1024 * 1024;

it('batches have all bytes in their order, and all but the last are of one size', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 3 * MIB }), fc.boolean()), { maxLength: 8 }), pieces => {
      const joined = batcher(batchPool());
      const wanted: Buffer[] = [];
      const got: Buffer[] = [];
      pieces.forEach(([size, isCopied], index) => {
        const piece = Buffer.alloc(size, index + 1);
        wanted.push(piece);
        if (isCopied) joined.add(piece);
        else
          for (let done = 0; done < size; ) {
            const count = piece.copy(joined.room(), 0, done);
            joined.advance(count);
            done += count;
          }
        got.push(...joined.taken());
      });
      got.push(...joined.taken(true));
      expect(Buffer.concat(got).equals(Buffer.concat(wanted))).toBe(true);
      expect(new Set(got.slice(0, -1).map(({ length }) => length)).size).toBeLessThanOrEqual(1);
    }),
    { numRuns: 30 },
  );
});

it('what is given back is taken again', () => {
  const pool = batchPool();
  const first = pool.take();
  pool.give(first.subarray(0, 10));
  const again = pool.take();
  expect(again.buffer).toBe(first.buffer);
  expect(again).toHaveLength(first.length);
});
