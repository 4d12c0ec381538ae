import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import { temporaryBeside } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { Sys } from '../sys/index.ts';
import { blobPath } from './layout.ts';

/** A blob in a layout. */
export interface Blob {
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** A blob of compressed contents. */
export interface PackedBlob extends Blob {
  /** SHA-256 of the contents. */
  readonly unpacked: string;
}

const MODE = 0o644;
/** Small pieces are handed over together: each hand-over to the compressor's thread costs as much as some kilobytes. */
const BATCH_BYTES = 256 * 1024;

/** Writes a blob from memory. Durable only after the file system is synced. */
export function writeBlob(sys: Sys, directory: string, bytes: Buffer): Blob {
  const file = openBlob(sys, directory);
  try {
    file.write(bytes);
    return file.finish();
  } finally {
    file.close();
  }
}

/** Writes pieces as one blob, compressed by gzip on another thread. INTERRUPTED when the host's signal says so. Durability as above. */
export async function writePackedBlob(
  host: Host,
  directory: string,
  pieces: Iterable<Buffer>,
  onProgress: (doneBytes: number) => void,
): Promise<PackedBlob> {
  const { createGzip } = process.getBuiltinModule('node:zlib');
  const { pipeline } = process.getBuiltinModule('node:stream/promises');
  const file = openBlob(host.sys, directory);
  const hash = createHash('sha256');
  function* contents(): Generator<Buffer, void, undefined> {
    let done = 0;
    for (const batch of batches(pieces)) {
      if (host.signal.aborted)
        throw new AptLayerError('INTERRUPTED', 'interrupted; the image was not written');
      hash.update(batch);
      yield batch;
      done += batch.length;
      onProgress(done);
    }
  }
  try {
    // What fails at either end, a full disk too, fails all of it.
    await pipeline(contents, createGzip(), async (packed: AsyncIterable<Buffer>) => {
      for await (const chunk of packed) file.write(chunk);
    });
    return { ...file.finish(), unpacked: hash.digest('hex') };
  } finally {
    file.close();
  }
}

function* batches(pieces: Iterable<Buffer>): Generator<Buffer, void, undefined> {
  let held: Buffer[] = [];
  let size = 0;
  for (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < BATCH_BYTES) continue;
    yield Buffer.concat(held, size);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held, size);
}

/** A blob in the making, under a temporary name. */
function openBlob(sys: Sys, directory: string) {
  let aside: string | undefined = temporaryBeside(`${directory}/blobs/blob`);
  const fd = sys.create(aside, MODE);
  const hash = createHash('sha256');
  let size = 0;
  return {
    write(bytes: Buffer) {
      hash.update(bytes);
      sys.write(fd, bytes);
      size += bytes.length;
    },
    finish(): Blob {
      const sha256 = hash.digest('hex');
      sys.rename(aside as string, blobPath(directory, sha256));
      aside = undefined;
      return { sha256, size };
    },
    close() {
      sys.close(fd);
      if (aside !== undefined) sys.unlink(aside);
    },
  };
}
