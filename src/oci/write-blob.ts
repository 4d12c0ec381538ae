import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import type { Sys } from '../sys/index.ts';
import type { BatchPool } from './batches.ts';
import { createLocked } from './dead-files.ts';
import { blobPath } from './layout.ts';
import type { Packer } from './pack.ts';

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

/** What goes into a packed blob. */
interface Packing {
  /** Of the pool. */
  readonly batches: Iterable<Buffer>;
  readonly pool: BatchPool;
  readonly packer: Packer;
  readonly onBytes: (bytes: number) => void;
}

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
 * Writes batches as one packed blob. INTERRUPTED when the host's signal says so. Durability as above; `onBytes` is told of the contents as they
 * are read.
 */
export async function writePackedBlob(
  host: Host,
  directory: string,
  { batches, pool, packer, onBytes }: Packing,
): Promise<PackedBlob> {
  const file = openBlob(host.sys, directory);
  const hash = createHash('sha256');
  function* contents(): Generator<Buffer, void, undefined> {
    for (const batch of batches) {
      if (host.signal.aborted)
        throw new AptLayerError('INTERRUPTED', 'interrupted; the image was not written');
      hash.update(batch);
      onBytes(batch.length);
      yield batch;
    }
  }
  try {
    for await (const part of packer.pack(contents(), pool)) file.write(part);
    return { ...file.finish(), unpacked: hash.digest('hex') };
  } finally {
    file.close();
  }
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
