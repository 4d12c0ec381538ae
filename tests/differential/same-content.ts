import fs from 'node:fs';

const CHUNK_BYTES = 1 << 20;
const [LEFT, RIGHT] = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)];

/** Whether two regular files have the same bytes. Memory does not follow their size. */
export function sameContent(left: string | Buffer, right: string | Buffer): boolean {
  const files = [fs.openSync(left, 'r'), fs.openSync(right, 'r')] as const;
  try {
    for (;;) {
      const read = fs.readSync(files[0], LEFT, 0, CHUNK_BYTES, null);
      if (readFully(files[1], read) !== read) return false;
      if (read === 0) return fs.readSync(files[1], RIGHT, 0, 1, null) === 0;
      if (LEFT.compare(RIGHT, 0, read, 0, read) !== 0) return false;
    }
  } finally {
    for (const file of files) fs.closeSync(file);
  }
}

/** Reads `length` bytes, or what there is, into RIGHT. */
function readFully(file: number, length: number): number {
  let done = 0;
  while (done < length) {
    const read = fs.readSync(file, RIGHT, done, length - done, null);
    if (read === 0) break;
    done += read;
  }
  return done;
}
