import { availableParallelism } from 'node:os';
import { MEDIA_TYPE } from '../formats/oci/index.ts';
import { zstdCompressor, zstdVersion } from '../sys/index.ts';

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

/** The batches packed as one blob, on as many threads as there are processors, whose number changes no byte. */
export function packed(
  compression: LayerCompression,
  batches: Iterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  return compression === 'gzip' ? gzipMembers(batches) : zstdFrame(batches);
}

const lanes = () => Math.min(availableParallelism(), LANES_MAX);

/** Each batch as one member of the format (RFC 1952, 2.2), in their order, a few of them at once. */
async function* gzipMembers(batches: Iterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const { gzip } = process.getBuiltinModule('node:zlib');
  const { promisify } = process.getBuiltinModule('node:util');
  const pack = promisify<Buffer, { level: number }, Buffer>(gzip);
  const running: Promise<Buffer>[] = [];
  for (const batch of batches) {
    const member = pack(batch, { level: LEVEL.gzip });
    // What fails is heard of when its turn comes.
    member.catch(() => undefined);
    running.push(member);
    if (running.length > lanes()) yield (await running.shift()) as Buffer;
  }
  for (const member of running) yield await member;
}

/** One frame. The library packs on threads of its own while the next batch is read. */
async function* zstdFrame(batches: Iterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const { setImmediate: turn } = process.getBuiltinModule('node:timers/promises');
  const compressor = zstdCompressor({ level: LEVEL.zstd, workers: lanes() });
  try {
    for (const batch of batches) {
      yield* compressor.add(batch);
      // Signals are heard between batches.
      await turn();
    }
    yield* compressor.end();
  } finally {
    compressor.close();
  }
}
