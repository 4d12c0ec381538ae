import { createHash } from 'node:crypto';
import type { Descriptor, OciIndex } from '../formats/oci/index.ts';
import type { Tree } from '../formats/tree/index.ts';
import type { Store } from '../store/index.ts';
import { CONTENTS, PACKER } from './annotations.ts';
import { type BatchPool, batchPool } from './batches.ts';
import { layerArchive } from './layer-archive.ts';
import { contentsOf, type LayerEntry, layerEntries } from './layer-entries.ts';
import type { Layering } from './layering.ts';
import { createPacker, type LayerCompression, mediaTypeFor, type Packer, packerName } from './pack.ts';
import { byContents, type PriorImage, type PriorLayer } from './prior.ts';
import { writePackedBlob } from './write-blob.ts';
import { hasWholeBlob, writtenLayers } from './written-layers.ts';

/** A layer of the image that is exported. */
export interface WrittenLayer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
  /** Whether it was packed now, and not taken from an earlier export. */
  readonly isNew: boolean;
}

interface LayersToWrite {
  readonly directory: string;
  readonly index: OciIndex;
  readonly tree: Tree;
  readonly layering: Layering;
  readonly compression: LayerCompression;
  /** An image in the place that the layout goes to: its blobs are there. */
  readonly there: PriorImage | undefined;
  readonly onBytes: (bytes: number) => void;
}

/** Layers that are written at the same time: while one ends, the next one is read. */
const AT_ONCE = 2;

/**
 * Writes the layers of an image into a layout. Those that an earlier export wrote there are not made again, nor those that `there` has
 * under the digest that their contents have here: of these there is no blob in the layout. Durable only after the file system is synced.
 */
export async function writeLayers(store: Store, to: LayersToWrite): Promise<WrittenLayer[]> {
  const entries = layerEntries(to.tree, to.layering);
  const known = {
    written: writtenLayers(store.host, to.directory, to.index),
    there: byContents(to.there?.layers ?? []),
  };
  const pool = batchPool();
  const written: WrittenLayer[] = [];
  let next = 0;
  const work = async () => {
    const packer = createPacker(to.compression);
    try {
      while (next < entries.length) {
        const position = next++;
        const one = { known, position, entries: entries[position] ?? [], pool, packer };
        written[position] = await writeLayer(store, to, one);
        entries[position] = [];
      }
    } catch (error) {
      // Nobody needs the layers that are left.
      next = entries.length;
      throw error;
    } finally {
      packer.close();
    }
  };
  // Both end before an error of one is heard of: nobody writes into what is given up.
  const done = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  for (const one of done) if (one.status === 'rejected') throw one.reason;
  return written;
}

type Known = Readonly<Record<'written' | 'there', ReadonlyMap<string, PriorLayer>>>;

interface OneLayer {
  readonly known: Known;
  readonly position: number;
  readonly entries: readonly LayerEntry[];
  readonly pool: BatchPool;
  readonly packer: Packer;
}

async function writeLayer(
  store: Store,
  to: LayersToWrite,
  { known, position, entries, pool, packer }: OneLayer,
): Promise<WrittenLayer> {
  const { host } = store;
  const contents = contentsOf(entries);
  const plan = to.layering.layers[position];
  const describe = (layer: Pick<PriorLayer, 'sha256' | 'size'>, packer: string): Descriptor => ({
    mediaType: mediaTypeFor(to.compression),
    sha256: layer.sha256,
    size: layer.size,
    annotations: { ...plan?.annotations, [CONTENTS]: contents, [PACKER]: packer },
    platform: undefined,
  });
  const usable = (layer: PriorLayer | undefined) =>
    layer?.mediaType === mediaTypeFor(to.compression) ? layer : undefined;
  const taken = (layer: PriorLayer): WrittenLayer => ({
    descriptor: describe(layer, layer.annotations[PACKER] ?? ''),
    diffId: layer.diffId,
    isNew: false,
  });
  const written = usable(known.written.get(contents));
  if (written !== undefined && hasWholeBlob(host, to.directory, written.sha256)) return taken(written);
  const there = usable(known.there.get(contents));
  // What a registry says of its layers is not taken on trust.
  if (there !== undefined && archiveDigest(store, entries, pool) === there.diffId) return taken(there);
  const { unpacked, ...blob } = await writePackedBlob(host, to.directory, {
    ...{ batches: layerArchive(store, entries, pool), pool, packer },
    onBytes: to.onBytes,
  });
  return { descriptor: describe(blob, packerName(to.compression)), diffId: unpacked, isNew: true };
}

/** SHA-256 of a layer's archive, in hexadecimal. */
function archiveDigest(store: Store, entries: readonly LayerEntry[], pool: BatchPool): string {
  const hash = createHash('sha256');
  for (const batch of layerArchive(store, entries, pool)) {
    hash.update(batch);
    pool.give(batch);
  }
  return hash.digest('hex');
}
