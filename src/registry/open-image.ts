import type { ImageReference, RegistryReference } from '../formats/reference/index.ts';
import type { Tree } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import { type FoundImage, findOci, importOci, keepConfig, locationOf } from '../oci/index.ts';
import { type WritableStore, writeImageObject } from '../store/index.ts';
import { copyImage } from './copy-image.ts';
import { fetchDocuments } from './documents.ts';
import { fetchLayers } from './fetch-layers.ts';

/** An image that was found by its name, and whose layers can be had. */
export interface OpenImage {
  /** By its digest, where it is in a registry: what a tag means may change meanwhile. */
  readonly reference: ImageReference;
  /** What the name means, `sha256:HEX`: a manifest, or an index for several architectures. */
  readonly digest: string;
  readonly found: FoundImage;
}

/**
 * Looks an image up. Of one in a registry only manifest and configuration are fetched; one of an archive or of podman's storage is copied
 * whole. `stage` is a directory of the caller's on the file system of the store, absent or empty, that the image needs until it is
 * imported. NOT_FOUND, NETWORK, FORMAT, INTEGRITY, and HOST_UNSUPPORTED for another architecture.
 */
export async function openImage(host: Host, reference: ImageReference, stage: string): Promise<OpenImage> {
  switch (reference.transport) {
    case 'oci': {
      const found = await findOci(host, locationOf(reference));
      return { reference, digest: `sha256:${found.manifest}`, found };
    }
    case 'registry': {
      const digest = await fetchDocuments(host, { stage, reference });
      const found = await findOci(host, { directory: stage, tag: undefined, sha256: undefined });
      return { reference: exactly(reference, `sha256:${found.manifest}`), digest, found };
    }
    default: {
      await copyImage(host, reference, stage);
      const found = await findOci(host, { directory: stage, tag: undefined, sha256: undefined });
      return { reference, digest: `sha256:${found.manifest}`, found };
    }
  }
}

/** An image that came into the store. No ref keeps it yet. */
export interface StoredImage {
  readonly digest: string;
  readonly tree: Tree;
  /** How many of its layers the store did not have. */
  readonly imported: number;
}

/**
 * Imports an image: its layers are fetched where the store does not have them, each once. containers-policy.json(5) is asked before any of
 * them. What it was made of, and how containers of it run, is kept beside it in `sysroot`.
 */
export async function importImage(
  store: WritableStore,
  sysroot: string,
  { reference, found }: OpenImage,
): Promise<StoredImage> {
  const fetched = reference.transport === 'registry' ? await fetchLayers(store, { reference, found }) : 0;
  const { tree, imported } = await importOci(store, found);
  const digest = writeImageObject(store, tree);
  const { config, manifest, layers } = found;
  const origin = { manifest, diffIds: layers.map(({ diffId }) => diffId) };
  keepConfig(store, sysroot, { image: digest, config, origin });
  return { digest, tree, imported: fetched + imported };
}

/** The image of an index that was chosen, or what a tag meant when it was looked at. */
function exactly({ transport, registry, repository }: RegistryReference, digest: string): RegistryReference {
  return { transport, registry, repository, digest };
}
