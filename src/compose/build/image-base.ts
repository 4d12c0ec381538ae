import { KEPT_BASE_REFS } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { ImageCheck } from '../../formats/image-check/index.ts';
import { type ImageReference, renderImageReference } from '../../formats/reference/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { checkOf, importedImages, keepCheck, missingLayers } from '../../oci/index.ts';
import { checkOpen, importImage, type OpenImage, openImage, withStage } from '../../registry/index.ts';
import { hasImage } from '../../store/index.ts';
import type { BaseOptions } from './base-options.ts';
import { isAsDemanded } from './image-demand.ts';

/** An image that a name means now, and that is not in the store. */
export interface NewerImage {
  /** Of its manifest, `sha256:HEX`. */
  readonly manifest: string;
  readonly layers: number;
  /** Of those that the store lacks, packed. */
  readonly bytes: number;
}

interface FoundImageBase {
  readonly request: string;
  /** Of the image in the store. */
  readonly digest: string;
  readonly manifest: string;
  /** The ref that keeps it. */
  readonly kept: string;
  /** How it was checked, where that is known. */
  readonly check?: ImageCheck;
  readonly newerImage?: NewerImage;
}

/**
 * A base from a registry, a layout, an archive or podman's storage: the one of the lock while the store has it, or by its digest where it has
 * not; else, and with `newest`, what the name means now. Each image is fetched once. What the machine's policy and the spec demand of it has to hold
 * whenever it is looked up, also where the store has it: SIGNATURE.
 */
export async function imageBase(
  context: BuildContext,
  reference: ImageReference,
  options: BaseOptions,
): Promise<FoundImageBase> {
  const { host, store, sysroot, workDirectory } = context;
  const { onlyExisting, newest, metadata } = options;
  const request = renderImageReference(reference);
  const locked = options.locked?.request === request ? options.locked : undefined;
  const found = (digest: string, manifest: string, check = checkOf(context, digest)): FoundImageBase => ({
    ...{ request, digest, manifest },
    kept: `${KEPT_BASE_REFS}oci/${digest}`,
    ...(check !== undefined && { check }),
  });
  const present = locked?.manifest !== undefined && hasImage(store, locked.digest) ? locked : undefined;
  if (present?.manifest !== undefined && (newest !== true || metadata.offline)) {
    const isGood = isAsDemanded(context, present.digest, options.demand);
    if (!isGood && metadata.offline) throw unchecked(request);
    if (isGood)
      return found(present.digest, present.manifest, checkOf(context, present.digest) ?? present.check);
  }
  if (metadata.offline && reference.transport === 'registry')
    throw notHere(request, 'with --offline nothing is fetched');
  const wanted = newest === true ? reference : atDigest(reference, locked?.manifest);
  return withStage(host, workDirectory, async stage => {
    const open = await openImage(host, {
      reference: wanted,
      asked: reference,
      demand: options.demand,
      stage,
    });
    const manifest = `sha256:${open.found.manifest}`;
    if (options.onlyLocked === true && locked?.manifest !== undefined && manifest !== locked.manifest)
      throw notLocked(request, locked.manifest, manifest);
    const known = importedBefore(context, open);
    if (known !== undefined || onlyExisting) {
      const check = await checkOpen(host, open);
      if (check !== undefined && known !== undefined && !onlyExisting)
        keepCheck(store, sysroot, { image: known, check });
      if (known !== undefined) return found(known, manifest, check);
      if (present?.manifest === undefined) throw notHere(request, 'a dry run fetches nothing');
      const { layers } = open.found;
      const bytes = missingLayers(store, layers).reduce((sum, { size }) => sum + size, 0);
      return {
        ...found(present.digest, present.manifest),
        newerImage: { manifest, layers: layers.length, bytes },
      };
    }
    const imported = await importImage(store, sysroot, open);
    return found(imported.digest, manifest, imported.check);
  });
}

function importedBefore({ host, store, sysroot }: BuildContext, { found }: OpenImage): string | undefined {
  const images = [...importedImages({ host, sysroot })];
  return images.find(([image, { manifest }]) => manifest === found.manifest && hasImage(store, image))?.[0];
}

/** The image of a lock, where it can be named by its digest: archives and podman's storage have what they have. */
function atDigest(reference: ImageReference, manifest: string | undefined): ImageReference {
  if (manifest === undefined) return reference;
  switch (reference.transport) {
    case 'registry': {
      const { registry, repository } = reference;
      return { transport: 'registry', registry, repository, digest: manifest };
    }
    case 'oci':
      return { transport: 'oci', path: reference.path, digest: manifest };
    default:
      return reference;
  }
}

function notHere(request: string, why: string): AptLayerError {
  return new AptLayerError('NOT_FOUND', `the base ${request} is not in the store, and ${why}`, {
    hint: `fetch it with \`apt-layer pull ${request}\`, or run it again without that option`,
  });
}

function unchecked(request: string): AptLayerError {
  return new AptLayerError(
    'SIGNATURE',
    `the spec demands a signature of ${request}, and of the image in the store it is not known that it has one`,
    { hint: 'run it again without --offline: the registry has the signatures' },
  );
}

function notLocked(request: string, locked: string, found: string): AptLayerError {
  return new AptLayerError('INTEGRITY', `${request} is ${found}, and the lock has ${locked}`, {
    hint: 'take the image that was locked, or make a new lock with `apt-layer compose lock`',
  });
}
