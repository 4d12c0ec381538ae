import { createHash } from 'node:crypto';
import { withContextSync } from '../errors/index.ts';
import { S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import { hashOpenFile } from '../fs/index.ts';
import {
  contentSink,
  type ObjectPlace,
  readTar,
  storeTree,
  type TarLimits,
  tarTreeReader,
} from '../store/index.ts';
import type { Compression, Sys } from '../sys/index.ts';
import { encodeLayer } from './encode-layer.ts';
import { blobPath, damagedBlob, readBlob } from './layout.ts';

/** A layer to import. Digests are 64 lower-case hex digits. */
export interface LayerJob {
  readonly directory: string;
  /** Of the blob; checked before anything is stored. */
  readonly sha256: string;
  readonly size: number;
  readonly compression: Compression | 'none';
  /** Of the archive in it; checked before anything refers to what was stored. */
  readonly diffId: string;
}

/** Far above anything real, far below what harms a machine. */
const LIMITS: TarLimits = { entries: 2_000_000, bytes: 256 * 1024 ** 3 };

/**
 * Stores the contents of a layer and its image, and returns the image's digest; nothing refers to any of it yet. INTEGRITY for other bytes
 * than the digests say, FORMAT with an offset for an archive that is damaged or hostile.
 */
export function importLayer(sys: Sys, place: ObjectPlace, job: LayerJob): string {
  const { sha256, size, compression, diffId } = job;
  return withContextSync(`importing the layer sha256:${sha256}`, () => {
    const fd = readBlob(() => sys.openRead(blobPath(job.directory, sha256)), sha256);
    const sink = contentSink(sys, place);
    try {
      const { size: found, mode } = sys.fstat(fd);
      if ((mode & S_IFMT) !== S_IFREG) throw damagedBlob(sha256, 'is not a file');
      if (found !== size) throw damagedBlob(sha256, `has ${found} bytes instead of ${size}`);
      const actual = hashOpenFile(sys, fd);
      if (actual !== sha256) throw damagedBlob(sha256, `has the SHA-256 ${actual}`);
      const hash = createHash('sha256');
      const reader = tarTreeReader(sink, {
        metadata: ({ mode, uid, gid, mtime, mtimeNsec, xattrs }) => ({
          mode,
          uid,
          gid,
          mtime,
          mtimeNsec,
          xattrs,
        }),
        devices: 'keep',
        absolute: 'strip',
        links: 'follow',
        hint: 'if you trust the image, run `umoci unpack`, which takes more, and import its rootfs: `apt-layer image import DIRECTORY`',
      });
      readTar(
        sys,
        { fd, offset: 0, size, compression: packingOf(sys, fd, compression), end: 'registry' },
        { handler: reader.handler, limits: LIMITS, onBytes: chunk => hash.update(chunk) },
      );
      const unpacked = hash.digest('hex');
      if (unpacked !== diffId)
        throw damagedBlob(
          sha256,
          `unpacks to sha256:${unpacked} instead of sha256:${diffId}, which the image names`,
        );
      return storeTree(sink, place, encodeLayer(reader, sink));
    } finally {
      sink.abandon();
      sys.close(fd);
    }
  });
}

/** What formats begin with (RFC 1952, 2.3.1; RFC 8878, 3.1.1). */
const MAGIC = { gzip: Buffer.from([0x1f, 0x8b]), zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) } as const;

/**
 * How a layer is really packed: skopeo before 1.10 says gzip of layers that it takes out of docker's archives, and leaves them as they are.
 * The digest of the contents decides in the end.
 */
function packingOf(sys: Sys, fd: number, said: LayerJob['compression']): LayerJob['compression'] {
  if (said !== 'gzip' && said !== 'zstd') return said;
  const start = Buffer.alloc(MAGIC[said].length);
  const count = sys.read(fd, start, 0);
  return start.subarray(0, count).equals(MAGIC[said]) ? said : 'none';
}
