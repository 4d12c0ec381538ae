import { AptLayerError } from '../errors/index.ts';
import { createTarWriter } from '../formats/tar/index.ts';
import type { RegularFile } from '../formats/tree/index.ts';
import { verityHasher } from '../formats/verity/index.ts';
import { objectFile, type Store } from '../store/index.ts';
import type { LayerEntry } from './layer-entries.ts';

const PIECE_BYTES = 1024 * 1024;

/**
 * A layer as a tar archive, piece by piece: owners as numbers, times with their fractions, xattrs and hard links. The bytes depend on the
 * entries alone. INTEGRITY for an object that is not what its name says.
 */
export function* layerArchive(
  store: Store,
  entries: readonly LayerEntry[],
): Generator<Buffer, void, undefined> {
  let pieces: Buffer[] = [];
  const tar = createTarWriter(piece => pieces.push(piece));
  function* take(): Generator<Buffer, void, undefined> {
    const taken = pieces;
    pieces = [];
    yield* taken;
  }
  for (const { header, file } of entries) {
    tar.entry(header);
    if (file !== undefined)
      for (const piece of contentPieces(store, file)) {
        tar.data(piece);
        yield* take();
      }
    yield* take();
  }
  tar.end();
  yield* take();
}

/** The contents of a file, in buffers of their own, checked once they are read. */
function* contentPieces(store: Store, { content, size }: RegularFile): Generator<Buffer, void, undefined> {
  if (content.kind === 'inline') {
    yield content.bytes;
    return;
  }
  const { digest } = content;
  if (digest === undefined) throw new AptLayerError('FAILED', 'a file names no object of this store');
  const { sys } = store.host;
  const fd = sys.openRead(objectFile(store, digest));
  try {
    if (sys.fstat(fd).size !== size) throw damaged(digest, `does not have ${size} bytes`);
    const hasher = verityHasher(store.algorithm);
    for (let left = size; left > 0; ) {
      const buffer = Buffer.allocUnsafe(Math.min(left, PIECE_BYTES));
      const count = sys.read(fd, buffer, size - left);
      if (count === 0) throw damaged(digest, 'ends early');
      const piece = buffer.subarray(0, count);
      hasher.update(piece);
      left -= count;
      yield piece;
    }
    if (hasher.digest() !== digest) throw damaged(digest, 'is damaged');
  } finally {
    sys.close(fd);
  }
}

function damaged(digest: string, reason: string): AptLayerError {
  return new AptLayerError('INTEGRITY', `object ${digest} ${reason}`, {
    hint: 'find out what uses it with `apt-layer fsck`',
    details: { object: digest },
  });
}
