import { availableParallelism } from 'node:os';
import { MEDIA_TYPE } from '../formats/oci/index.ts';
import { type ZstdCompressor, zstdCompressor, zstdVersion } from '../sys/index.ts';
import type { BatchPool } from './batches.ts';

/** How the layers of an exported image are packed. */
export type LayerCompression = 'gzip' | 'zstd';

export const LAYER_COMPRESSIONS: readonly LayerCompression[] = ['gzip', 'zstd'];

/** What `gzip` and `zstd` do when nobody says how hard to try, and what registries have. */
const LEVEL = { gzip: 6, zstd: 3 } as const;
/** Threads that node has for such work. */
const LANES_MAX = 4;

export function mediaTypeFor(compression: LayerCompression): string {
  return compression === 'gzip' ? MEDIA_TYPE.layer : MEDIA_TYPE.layerZstd;
}

/** What packs: the same name for the same contents means the same bytes. HOST_UNSUPPORTED where it is not installed. */
export function packerName(compression: LayerCompression): string {
  const library = compression === 'gzip' ? `zlib ${process.versions.zlib}` : `libzstd ${zstdVersion()}`;
  return `${library}, level ${LEVEL[compression]}`;
}

/** Packs one blob after the other. */
export interface Packer {
  /** The batches as one blob; each goes back to `pool` when it is packed. */
  pack(batches: Iterable<Buffer>, pool: BatchPool): AsyncGenerator<Buffer, void, undefined>;
  close(): void;
}

export function createPacker(compression: LayerCompression): Packer {
  if (compression === 'gzip') return { pack: gzipMembers, close: () => undefined };
  const compressor = zstdCompressor(LEVEL.zstd);
  return { pack: (batches, pool) => zstdFrame(compressor, batches, pool), close: compressor.close };
}

/** Each batch as one member of the format (RFC 1952, 2.2), in their order, a few of them at once. */
async function* gzipMembers(
  batches: Iterable<Buffer>,
  pool: BatchPool,
): AsyncGenerator<Buffer, void, undefined> {
  const { gzip } = process.getBuiltinModule('node:zlib');
  const { promisify } = process.getBuiltinModule('node:util');
  const pack = promisify<Buffer, { level: number }, Buffer>(gzip);
  const lanes = Math.min(availableParallelism(), LANES_MAX);
  const running: Promise<Buffer>[] = [];
  for (const batch of batches) {
    const member = pack(batch, { level: LEVEL.gzip }).finally(() => pool.give(batch));
    // What fails is heard of when its turn comes.
    member.catch(() => undefined);
    running.push(member);
    if (running.length > lanes) yield (await running.shift()) as Buffer;
  }
  for (const member of running) yield await member;
}

/** One frame. The library packs on a thread of its own while the next batch is read. */
async function* zstdFrame(
  compressor: ZstdCompressor,
  batches: Iterable<Buffer>,
  pool: BatchPool,
): AsyncGenerator<Buffer, void, undefined> {
  const { setImmediate: turn } = process.getBuiltinModule('node:timers/promises');
  for (const batch of batches) {
    yield* compressor.add(batch);
    pool.give(batch);
    // Signals are heard, and other layers go on, between batches.
    await turn();
  }
  yield* compressor.end();
}
