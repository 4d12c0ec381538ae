import { CODE, codeName } from '../code/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import {
  type Descriptor,
  type OciConfig,
  type OciManifest,
  ociArchitecture,
  parseConfig,
} from '../formats/oci/index.ts';
import type { Directory, Tree } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import {
  findRef,
  importImages,
  readContent,
  readImage,
  type Store,
  type WritableStore,
} from '../store/index.ts';
import { withoutAddedLinks } from './added-links.ts';
import { applyLayer } from './apply-layer.ts';
import { chooseImage } from './choose.ts';
import type { ImageConfig } from './config-record.ts';
import { decodeLayer, type LayerTree } from './encode-layer.ts';
import type { LayerJob } from './import-layer.ts';
import { readDocument } from './layout.ts';
import type { OciLocation } from './location.ts';
import { compressionOf } from './media-types.ts';
import { LAYER } from './worker.ts';

/** Refs of imported layers, each by the digest of its archive and that of the code that imports it. */
export const LAYER_REFS = 'oci/';

/** Links of the root since /usr is merged. */
const MERGED_USR = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].map(fromText);

/** An image that a layout has. */
export interface FoundImage {
  /** SHA-256 of its manifest. */
  readonly manifest: string;
  /** What the manifest says. */
  readonly document: OciManifest;
  readonly labels: Readonly<Record<string, string>>;
  readonly config: ImageConfig;
  /** The lowest first. */
  readonly layers: readonly LayerJob[];
}

/** Looks an image up without reading its layers, in a directory that answers (`awaitLayout`). NOT_FOUND, FORMAT and INTEGRITY name what is wrong, HOST_UNSUPPORTED another architecture. */
export async function findOci(host: Host, location: OciLocation): Promise<FoundImage> {
  const { sha256, manifest } = chooseImage(host, location);
  const config = parseConfig(readDocument(host.sys, location.directory, manifest.config));
  assertFits(config, { architecture: ociArchitecture(host.architecture), layers: manifest.layers });
  const layers = manifest.layers.map((layer, index) =>
    jobOf(location.directory, layer, config.diffIds[index] ?? ''),
  );
  const { run, labels, created } = config;
  return { manifest: sha256, document: manifest, labels, config: { run, labels, created }, layers };
}

/**
 * Imports an image: each layer once, several at a time, then their trees on top of each other. Returns the tree, which is the caller's to
 * write, and how many layers the store did not have. Refs keep the layers, so that another image that has them needs only the rest. Every
 * byte is checked against the digests: INTEGRITY and FORMAT name what is wrong.
 */
export async function importOci(
  store: WritableStore,
  { layers, labels }: FoundImage,
): Promise<{ readonly tree: Tree; readonly imported: number }> {
  const imported = await importLayers(store, layers);
  let tree: Directory | undefined;
  for (const { sha256, diffId } of layers) {
    const lower: Directory | undefined = tree;
    tree = applyLayer(lower, readLayer(store, diffId));
    warnOfHiddenLinks(store.host, { lower, upper: tree, sha256 });
  }
  if (tree === undefined) throw new AptLayerError('FORMAT', 'the image has no layers');
  return { tree: withoutAddedLinks(tree, labels), imported };
}

interface Applied {
  readonly lower: Directory | undefined;
  readonly upper: Directory;
  readonly sha256: string;
}

/** A layer with `lib/x` over the link /lib makes a directory of it, as storage by overlayfs does, and hides all of /usr/lib at its old name. */
function warnOfHiddenLinks({ report }: Host, { lower, upper, sha256 }: Applied): void {
  for (const name of MERGED_USR) {
    if (lower?.entries.get(name)?.kind !== 'symlink' || upper.entries.get(name)?.kind !== 'directory')
      continue;
    log(
      report,
      'warning',
      `the layer sha256:${sha256} puts a directory in the place of the link /${name}: a system made of this image cannot start, since programs look for /${name} in it; whoever makes the image has to copy to /usr/${name} instead`,
    );
  }
}

function readLayer(store: WritableStore, diffId: string): LayerTree {
  const image = findRef(store, layerRef(diffId));
  if (image === undefined) throw new Error(`the layer ${diffId} was not imported`);
  return decodeLayer(readImage(store, image), file => readContent(store, file));
}

/** The ref that keeps an imported layer, of which the SHA-256 of its uncompressed archive is given. */
export function layerRef(diffId: string): string {
  return `${LAYER_REFS}layer/${diffId}-${codeName(CODE.layer)}`;
}

function assertFits(
  config: OciConfig,
  { architecture, layers }: { architecture: string; layers: readonly Descriptor[] },
): void {
  if (config.diffIds.length !== layers.length)
    throw new AptLayerError(
      'FORMAT',
      `the image has ${layers.length} layers, its configuration ${config.diffIds.length}`,
    );
  if (config.os === 'linux' && config.architecture === architecture) return;
  throw new AptLayerError(
    'HOST_UNSUPPORTED',
    `the image is for ${config.os}/${config.architecture}, not linux/${architecture}`,
  );
}

function jobOf(directory: string, { mediaType, sha256, size }: Descriptor, diffId: string): LayerJob {
  return { directory, sha256, size, diffId, compression: compressionOf(mediaType) };
}

/** The layers that the store does not have. */
export function missingLayers(store: Store, jobs: readonly LayerJob[]): LayerJob[] {
  return [...new Map(jobs.map(job => [job.diffId, job])).values()].filter(
    ({ diffId }) => findRef(store, layerRef(diffId)) === undefined,
  );
}

/** Imports the layers that are missing, several at a time, and returns how many those were. Refs keep them. */
export async function importLayers(store: WritableStore, jobs: readonly LayerJob[]): Promise<number> {
  const missing = missingLayers(store, jobs);
  const imports = missing.map(job => ({ ref: layerRef(job.diffId), size: job.size, job }));
  await importImages<LayerJob>(store, imports, { kind: LAYER, what: 'layers' });
  return missing.length;
}
