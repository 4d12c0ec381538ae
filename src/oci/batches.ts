/** Bytes that are packed at once: what begins without knowing what came before costs less than a thousandth of this size. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** Memory for batches, used again by one after the other. */
export interface BatchPool {
  take(): Buffer;
  /** Nobody looks at it any more; `batch` may be a part of what was taken. */
  give(batch: Buffer): void;
}

export function batchPool(): BatchPool {
  const free: Buffer[] = [];
  return {
    take: () => free.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES),
    give: batch => {
      free.push(Buffer.from(batch.buffer, 0, batch.buffer.byteLength));
    },
  };
}

/** Joins bytes to batches of one size; the last may be shorter. */
export interface Batcher {
  /** Adds a copy. */
  add(bytes: Buffer): void;
  /** The memory behind what is there: bytes may be put there, and are added by `advance`. It is never empty. */
  room(): Buffer;
  advance(count: number): void;
  /** Full batches since the last call; with `isEnd` what is left, too. Whoever gets one gives it back to the pool. */
  taken(isEnd?: boolean): Buffer[];
}

export function batcher(pool: BatchPool): Batcher {
  let current = pool.take();
  let size = 0;
  let full: Buffer[] = [];
  const advance = (count: number) => {
    size += count;
    if (size < current.length) return;
    full.push(current);
    current = pool.take();
    size = 0;
  };
  return {
    add(bytes) {
      for (let done = 0; done < bytes.length; ) {
        const count = bytes.copy(current, size, done);
        done += count;
        advance(count);
      }
    },
    room: () => current.subarray(size),
    advance,
    taken(isEnd = false) {
      const result = full;
      full = [];
      if (!isEnd) return result;
      if (size > 0) result.push(current.subarray(0, size));
      else pool.give(current);
      return result;
    },
  };
}
