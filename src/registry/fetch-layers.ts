import { setTimeout as sleep } from 'node:timers/promises';
import { AptLayerError } from '../errors/index.ts';
import { renderImageReference } from '../formats/reference/index.ts';
import type { Host } from '../host/index.ts';
import { blobPath, type FoundImage, importLayers, missingLayers } from '../oci/index.ts';
import type { Store, WritableStore } from '../store/index.ts';
import { forSkopeo } from './arguments.ts';
import { arriving, stallWatch } from './arriving.ts';
import { copyOptions } from './copy-image.ts';
import type { Fetched } from './documents.ts';
import { skopeo } from './skopeo.ts';
import { standIn } from './stand-in.ts';

interface Wanted {
  readonly reference: Fetched;
  readonly found: FoundImage;
  /** By which skopeo asks, before it fetches, what was asked of the image when it was checked. */
  readonly policy: readonly string[];
}

type Layer = FoundImage['layers'][number];

/** How often it is looked for layers that have come. */
const LOOK_MS = 200;
/** A registry that sends nothing for so long will send nothing any more. */
const STALL_MS = 5 * 60_000;

/**
 * Fetches the layers that the store lacks, and imports each as soon as it is whole, while others still come; then its blob gives its space
 * back. Those that the store has are not fetched: skopeo leaves out blobs for which a file of the right size is there, so an empty one of
 * that size stands for each. Returns how many were imported. After an interruption the ones that were imported stay, and are not fetched again.
 * NETWORK where nothing comes for `stallMs`.
 */
export async function fetchLayers(
  store: WritableStore,
  { reference, found, policy }: Wanted,
  stallMs = STALL_MS,
): Promise<number> {
  const { host } = store;
  const missing = missingLayers(store, found.layers);
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  const stage = found.layers[0]?.directory ?? '';
  assertSpace(host, stage, total);
  for (const layer of present(store, found)) standIn(host, blobPath(layer.directory, layer.sha256), layer);
  const text = `Fetching ${missing.length} layers (${(total / 1e6).toFixed(1)} MB)`;
  host.report.emit({ type: 'start', task: 'fetch', text, total, unit: 'bytes' });
  const started = performance.now();
  const stop = new AbortController();
  const copy = copyBlobs(host, { reference, stage, policy, signal: stop.signal });
  // Its error is asked for when the layers that came are imported.
  const copied = copy.then(
    () => true,
    () => true,
  );
  const watch = stallWatch(host, stage, stallMs);
  try {
    let imported = 0;
    let waiting: readonly Layer[] = missing;
    for (let isLast: boolean | undefined; ; ) {
      const came = waiting.filter(layer => isWhole(host, layer));
      waiting = waiting.filter(layer => !came.includes(layer));
      imported += await importLayers(store, came);
      for (const layer of came) standIn(host, blobPath(layer.directory, layer.sha256), layer);
      const left = waiting.reduce((sum, { size }) => sum + size, 0);
      const done = Math.min(total, total - left + arriving(host, stage));
      host.report.emit({ type: 'progress', task: 'fetch', done, total });
      if (isLast === true) {
        await copy;
        return imported;
      }
      watch(renderImageReference(reference));
      isLast = await Promise.race([copied, sleep(LOOK_MS, undefined)]);
    }
  } finally {
    // What failed to be imported is of no use to anybody: skopeo must not go on writing into what is removed.
    stop.abort();
    await copied;
    host.report.emit({ type: 'end', task: 'fetch', durationMs: performance.now() - started });
  }
}

/** What is fetched has to lie somewhere until it is imported; what it unpacks to nobody knows before. */
function assertSpace({ sys }: Host, directory: string, bytes: number): void {
  const { availableBytes } = sys.space(directory);
  if (bytes <= availableBytes) return;
  const [needed, free] = [bytes, availableBytes].map(one => `${(one / 1e6).toFixed(1)} MB`);
  throw new AptLayerError('NO_SPACE', `fetching the image needs ${needed}, and ${free} are free`, {
    hint: '`apt-layer cleanup` removes what nothing needs',
  });
}

function present(store: Store, { layers }: FoundImage): Layer[] {
  const missing = new Set(missingLayers(store, layers).map(({ diffId }) => diffId));
  return layers.filter(({ diffId }) => !missing.has(diffId));
}

/** skopeo gives a blob its name when all of it has come and fits its digest. */
function isWhole({ sys }: Host, { directory, sha256 }: Layer): boolean {
  return sys.lstatIfExists(blobPath(directory, sha256)) !== undefined;
}

interface Copy {
  readonly reference: Fetched;
  readonly stage: string;
  readonly policy: readonly string[];
  readonly signal: AbortSignal;
}

/** The blobs go into the stage; the manifest that skopeo makes of them is of no use. */
async function copyBlobs(host: Host, { reference, stage, policy, signal }: Copy): Promise<void> {
  const args = [
    ...copyOptions(host, reference),
    ...['--dest-shared-blob-dir', `${stage}/blobs`, forSkopeo(reference), `oci:${stage}/copy:image`],
  ];
  const where = renderImageReference(reference);
  await skopeo(host, { verb: 'copy', args, globals: policy, where }, { signal });
}
