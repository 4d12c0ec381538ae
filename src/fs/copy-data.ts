import type { Sys } from '../sys/index.ts';

const PIECE_BYTES = 1024 * 1024;

/**
 * Gives a new, empty file the content of an open one: shared where the file system can, else in pieces, with the same holes. Memory is bounded
 * whatever the size is. What is written to the source meanwhile may come along or not.
 */
export function copyData(sys: Sys, source: number, target: number): void {
  if (sys.clone(target, source)) return;
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let written = 0;
  for (let range = sys.nextData(source, 0); range !== undefined; range = sys.nextData(source, range.end)) {
    for (let position = range.start; position < range.end; ) {
      const wanted = buffer.subarray(0, Math.min(buffer.length, range.end - position));
      const count = sys.read(source, wanted, position);
      if (count === 0) return;
      sys.writeAt(target, wanted.subarray(0, count), position);
      position += count;
      written = position;
    }
  }
  const { size } = sys.fstat(source);
  if (size > written) sys.truncate(target, size);
}
