import type { ImageCheck } from '../formats/image-check/index.ts';
import type { ImageReference, RegistryReference } from '../formats/reference/index.ts';
import type { Tree } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import { awaitLayout, type FoundImage, findOci, importOci, keepConfig, locationOf } from '../oci/index.ts';
import { type WritableStore, writeImageObject } from '../store/index.ts';
import { copyImage } from './copy-image.ts';
import { type Fetched, fetchDocuments, storageDocuments } from './documents.ts';
import { fetchLayers } from './fetch-layers.ts';
import { type CheckedImage, checkImage, type ImageDemand, type Trust, trustOf } from './trust/index.ts';

/** An image that was found by its name, and whose layers can be had. */
export interface OpenImage {
  /** By its digest, where it is in a registry: what a tag means may change meanwhile. */
  readonly reference: ImageReference;
  /** What the name means, `sha256:HEX`: a manifest, or an index for several architectures. */
  readonly digest: string;
  readonly found: FoundImage;
  /** What has to hold of it before anything is made of it; undefined where skopeo has asked that already. */
  readonly trust: Trust | undefined;
  readonly stage: string;
  /** Where its layers are still to be fetched from, those that the store does not have. */
  readonly from: Fetched | undefined;
}

interface Wanted {
  readonly reference: ImageReference;
  /** What it was asked for as, where `reference` has the digest that this meant once: its tag decides whom it has to be signed by. */
  readonly asked?: ImageReference;
  /** A signature that is demanded besides what containers-policy.json(5) says. */
  readonly demand?: ImageDemand | undefined;
  /** A directory of the caller's on the file system of the store, absent or empty, that the image needs until it is imported. */
  readonly stage: string;
}

/**
 * Looks an image up. Of one in a registry, and of one that was built into podman's storage, only manifest and configuration are fetched; others are copied
 * whole. NOT_FOUND, NETWORK, FORMAT, INTEGRITY, HOST_UNSUPPORTED for another architecture, and SIGNATURE where the policy of this machine
 * rejects it by its name alone.
 */
export async function openImage(host: Host, wanted: Wanted): Promise<OpenImage> {
  const { reference, asked = reference, demand, stage } = wanted;
  // Its rule goes by where the directory is without links, which a dead file system would not tell either.
  if (reference.transport === 'oci') await awaitLayout(host, locationOf(reference).directory);
  const trust = trustOf(host, asked, demand);
  switch (reference.transport) {
    case 'oci': {
      const found = await findOci(host, locationOf(reference));
      return { reference, digest: `sha256:${found.manifest}`, found, trust, stage, from: undefined };
    }
    case 'registry': {
      const digest = await fetchDocuments(host, { stage, reference });
      const found = await foundIn(host, stage);
      const exact = exactly(reference, `sha256:${found.manifest}`);
      return { reference: exact, digest, found, trust, stage, from: exact };
    }
    case 'containers-storage': {
      const digest = await storageDocuments(host, { stage, reference });
      if (digest === undefined) return copied(host, wanted, trust);
      return { reference, digest, found: await foundIn(host, stage), trust, stage, from: reference };
    }
    default:
      return copied(host, wanted, trust);
  }
}

/**
 * Checks an image that was looked up, and fetches no layer of it. Undefined for one that is in no registry: where that may be used, its
 * place decided. SIGNATURE, and HOST_UNSUPPORTED where this skopeo cannot tell.
 */
export async function checkOpen(host: Host, open: OpenImage): Promise<ImageCheck | undefined> {
  return (await checked(host, open))?.check;
}

function checked(
  host: Host,
  { reference, trust, found, stage }: OpenImage,
): Promise<CheckedImage> | undefined {
  if (reference.transport !== 'registry' || trust === undefined) return undefined;
  return checkImage(host, { reference, trust, found, stage });
}

async function copied(
  host: Host,
  { reference, stage }: Wanted,
  trust: Trust | undefined,
): Promise<OpenImage> {
  await copyImage(host, reference, stage);
  const found = await foundIn(host, stage);
  return { reference, digest: `sha256:${found.manifest}`, found, trust, stage, from: undefined };
}

function foundIn(host: Host, directory: string): Promise<FoundImage> {
  return findOci(host, { directory, tag: undefined, sha256: undefined });
}

/** An image that came into the store. No ref keeps it yet. */
export interface StoredImage {
  readonly digest: string;
  readonly tree: Tree;
  /** How many of its layers the store did not have. */
  readonly imported: number;
  /** What was checked of one in a registry. */
  readonly check: ImageCheck | undefined;
}

/**
 * Imports an image: it is checked as containers-policy.json(5) and who named it demand, then its layers are fetched where the store does
 * not have them, each once. What it was made of, what was checked, and how containers of it run, is kept beside it in `sysroot`.
 */
export async function importImage(
  store: WritableStore,
  sysroot: string,
  open: OpenImage,
): Promise<StoredImage> {
  const { host } = store;
  const { from, found } = open;
  const trusted = await checked(host, open);
  const fetched =
    from === undefined || (from.transport === 'registry' && trusted === undefined)
      ? 0
      : await fetchLayers(store, { reference: from, found, policy: trusted?.options ?? [] });
  const { tree, imported } = await importOci(store, found);
  const digest = writeImageObject(store, tree);
  const check = trusted?.check;
  const { config, manifest, layers } = found;
  const origin = { manifest, diffIds: layers.map(({ diffId }) => diffId), check };
  keepConfig(store, sysroot, { image: digest, config, origin });
  return { digest, tree, imported: fetched + imported, check };
}

/** The image of an index that was chosen, or what a tag meant when it was looked at. */
function exactly({ transport, registry, repository }: RegistryReference, digest: string): RegistryReference {
  return { transport, registry, repository, digest };
}
