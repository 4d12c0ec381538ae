import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import type { Sys } from '../sys/index.ts';
import { createLocked } from './dead-files.ts';
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

/** Bytes of a member: each begins without knowing what came before, which costs less than a thousandth of this size. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Threads that node has for such work. */
const LANES_MAX = 4;

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

/**
 * Writes pieces as one blob, compressed by gzip on as many threads as there are processors: one member of the format (RFC 1952, 2.2) for each
 * few megabytes, so that the bytes do not depend on how many threads there are. INTERRUPTED when the host's signal says so. Durability as above.
 */
export async function writePackedBlob(
  host: Host,
  directory: string,
  pieces: Iterable<Buffer>,
  onProgress: (doneBytes: number) => void,
): Promise<PackedBlob> {
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
    for await (const member of members(contents())) file.write(member);
    return { ...file.finish(), unpacked: hash.digest('hex') };
  } finally {
    file.close();
  }
}

/** Each batch compressed, in their order, a few of them at once. */
async function* members(contents: Iterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const { gzip } = process.getBuiltinModule('node:zlib');
  const pack = process.getBuiltinModule('node:util').promisify(gzip);
  const lanes = Math.min(process.getBuiltinModule('node:os').availableParallelism(), LANES_MAX);
  const running: Promise<Buffer>[] = [];
  for (const batch of contents) {
    const member = pack(batch) as Promise<Buffer>;
    // What fails is heard of when its turn comes.
    member.catch(() => undefined);
    running.push(member);
    if (running.length > lanes) yield (await running.shift()) as Buffer;
  }
  for (const member of running) yield await member;
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
  const made = createLocked(sys, `${directory}/blobs/blob`);
  const { fd } = made;
  let aside: string | undefined = made.path;
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
