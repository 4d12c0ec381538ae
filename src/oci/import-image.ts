import { AptLayerError } from '../errors/index.ts';
import { type Descriptor, type OciConfig, ociArchitecture, parseConfig } from '../formats/oci/index.ts';
import type { Directory, Tree } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import { findRef, importImages, readContent, readImage, type WritableStore } from '../store/index.ts';
import { applyLayer } from './apply-layer.ts';
import { chooseImage } from './choose.ts';
import { decodeLayer, type LayerTree } from './encode-layer.ts';
import type { LayerJob } from './import-layer.ts';
import { readDocument } from './layout.ts';
import type { OciLocation } from './location.ts';
import { LAYER } from './worker.ts';

/** Refs of imported layers, each by the digest of its archive; the number is the version of what `encodeLayer` makes. */
export const LAYER_REFS = 'oci/layer-1/';

/** An image that a layout has. */
export interface FoundImage {
  /** SHA-256 of its manifest. */
  readonly manifest: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The lowest first. */
  readonly layers: readonly LayerJob[];
}

/** Looks an image up without reading its layers. NOT_FOUND, FORMAT and INTEGRITY name what is wrong, HOST_UNSUPPORTED another architecture. */
export function findOci(host: Host, location: OciLocation): FoundImage {
  const { sha256, manifest } = chooseImage(host, location);
  const config = parseConfig(readDocument(host.sys, location.directory, manifest.config));
  assertFits(config, { architecture: ociArchitecture(host.architecture), layers: manifest.layers });
  const layers = manifest.layers.map((layer, index) =>
    jobOf(location.directory, layer, config.diffIds[index] ?? ''),
  );
  return { manifest: sha256, labels: config.labels, layers };
}

/**
 * Imports an image: each layer once, several at a time, then their trees on top of each other. Returns the tree, which is the caller's to
 * write, and how many layers the store did not have. Refs keep the layers, so that another image that has them needs only the rest. Every
 * byte is checked against the digests: INTEGRITY and FORMAT name what is wrong.
 */
export async function importOci(
  store: WritableStore,
  { layers }: FoundImage,
): Promise<{ readonly tree: Tree; readonly imported: number }> {
  const imported = await importLayers(store, layers);
  const tree = layers.reduce<Directory | undefined>(
    (lower, { diffId }) => applyLayer(lower, readLayer(store, diffId)),
    undefined,
  );
  if (tree === undefined) throw new AptLayerError('FORMAT', 'the image has no layers');
  return { tree, imported };
}

function readLayer(store: WritableStore, diffId: string): LayerTree {
  const image = findRef(store, layerRef(diffId));
  if (image === undefined) throw new Error(`the layer ${diffId} was not imported`);
  return decodeLayer(readImage(store, image), file => readContent(store, file));
}

function layerRef(diffId: string): string {
  return `${LAYER_REFS}${diffId}`;
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

/** By what media types end in (layer.md and image-manifest-v2-2): `tar`, `tar+gzip`, `tar.gzip`, `tar+zstd`. */
function jobOf(directory: string, { mediaType, sha256, size }: Descriptor, diffId: string): LayerJob {
  const [, packed] = /\.tar(?:[.+](gzip|zstd))?$/.exec(mediaType) ?? [null, null];
  if (packed === null)
    throw new AptLayerError('FORMAT', `a layer is ${JSON.stringify(mediaType)}, which is not supported`);
  return {
    directory,
    sha256,
    size,
    diffId,
    compression: packed === 'gzip' || packed === 'zstd' ? packed : 'none',
  };
}

/** Imports the layers that are missing, and returns how many those were. */
async function importLayers(store: WritableStore, jobs: readonly LayerJob[]): Promise<number> {
  const missing = [...new Map(jobs.map(job => [job.diffId, job])).values()].filter(
    ({ diffId }) => findRef(store, layerRef(diffId)) === undefined,
  );
  const imports = missing.map(job => ({ ref: layerRef(job.diffId), size: job.size, job }));
  await importImages<LayerJob>(store, imports, { kind: LAYER, what: 'layers' });
  return missing.length;
}
