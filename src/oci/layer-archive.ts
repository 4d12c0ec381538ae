import { AptLayerError } from '../errors/index.ts';
import { createTarWriter } from '../formats/tar/index.ts';
import type { RegularFile } from '../formats/tree/index.ts';
import { verityHasher } from '../formats/verity/index.ts';
import { objectFile, type Store } from '../store/index.ts';
import { type Batcher, type BatchPool, batcher } from './batches.ts';
import type { LayerEntry } from './layer-entries.ts';

/**
 * A layer as a tar archive, in batches of the pool: owners as numbers, times with their fractions, xattrs and hard links. The bytes depend on
 * the entries alone. INTEGRITY for an object that is not what its name says.
 */
export function* layerArchive(
  store: Store,
  entries: readonly LayerEntry[],
  pool: BatchPool,
): Generator<Buffer, void, undefined> {
  const joined = batcher(pool);
  const tar = createTarWriter(piece => {
    // Contents are read to where they belong.
    if (piece.buffer === joined.room().buffer && piece.byteOffset === joined.room().byteOffset)
      joined.advance(piece.length);
    else joined.add(piece);
  });
  for (const { header, file } of entries) {
    tar.entry(header);
    if (file?.content.kind === 'inline') tar.data(file.content.bytes);
    else if (file !== undefined)
      for (const piece of contentPieces(store, file, joined)) {
        tar.data(piece);
        yield* joined.taken();
      }
    yield* joined.taken();
  }
  tar.end();
  yield* joined.taken(true);
}

/** The contents of a file, each piece in the room that there is for it, checked once they are read. */
function* contentPieces(
  store: Store,
  { content, size }: RegularFile,
  joined: Batcher,
): Generator<Buffer, void, undefined> {
  const digest = content.kind === 'inline' ? undefined : content.digest;
  if (digest === undefined) throw new AptLayerError('FAILED', 'a file names no object of this store');
  const { sys } = store.host;
  const fd = sys.openRead(objectFile(store, digest));
  try {
    if (sys.fstat(fd).size !== size) throw damaged(digest, `does not have ${size} bytes`);
    const hasher = verityHasher(store.algorithm);
    for (let left = size; left > 0; ) {
      const room = joined.room();
      const count = sys.read(fd, room.subarray(0, Math.min(left, room.length)), size - left);
      if (count === 0) throw damaged(digest, 'ends early');
      const piece = room.subarray(0, count);
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
