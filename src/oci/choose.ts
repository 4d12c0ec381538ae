import { AptLayerError } from '../errors/index.ts';
import {
  type Descriptor,
  MEDIA_TYPE,
  type OciIndex,
  type OciManifest,
  ociArchitecture,
  parseIndex,
  parseManifest,
  REF_NAME,
} from '../formats/oci/index.ts';
import type { Host } from '../host/index.ts';
import { readDocument, readLayout } from './layout.ts';
import type { OciLocation } from './location.ts';

/** Docker's own names for the same (image-manifest-v2-2). */
const INDEXES: readonly string[] = [
  MEDIA_TYPE.index,
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFESTS: readonly string[] = [
  MEDIA_TYPE.manifest,
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** An index of indexes of images. */
const DEPTH_MAX = 3;

/** An image of a layout that was chosen. */
export interface ChosenImage {
  /** SHA-256 of its manifest. */
  readonly sha256: string;
  readonly manifest: OciManifest;
}

/**
 * The image that a location means: the one with the tag, else the only one; of those for several machines, the one for this architecture.
 * NOT_FOUND with what there is otherwise.
 */
export function chooseImage(host: Host, { directory, tag }: OciLocation): ChosenImage {
  const index = readLayout(host.sys, directory);
  if (index === undefined)
    throw new AptLayerError('NOT_FOUND', `${directory} is not in the OCI image layout`, {
      hint: 'a layout has a file `oci-layout`; `skopeo copy` makes one',
    });
  const named = index.manifests.filter(one => tag === undefined || one.annotations[REF_NAME] === tag);
  const [first] = named;
  const what = tag === undefined ? 'one image' : `one image called ${JSON.stringify(tag)}`;
  if (
    first === undefined ||
    (named.length > 1 && new Set(named.map(one => one.annotations[REF_NAME])).size > 1)
  )
    throw notOne(`${directory} does not have ${what}`, index);
  return resolve(host, directory, { candidates: named, depth: 0 });
}

function resolve(
  host: Host,
  directory: string,
  { candidates, depth }: { candidates: readonly Descriptor[]; depth: number },
): ChosenImage {
  const architecture = ociArchitecture(host.architecture);
  const fitting = candidates.filter(
    ({ platform }) =>
      platform === undefined || (platform.os === 'linux' && platform.architecture === architecture),
  );
  const [chosen] = fitting;
  if (chosen === undefined || fitting.length > 1)
    throw new AptLayerError(
      'NOT_FOUND',
      `${fitting.length} images for linux/${architecture} are in ${directory}`,
      {
        hint: `copy the right one alone: \`skopeo copy --override-arch ${architecture} ...\``,
      },
    );
  const bytes = readDocument(host.sys, directory, chosen);
  if (MANIFESTS.includes(chosen.mediaType)) return { sha256: chosen.sha256, manifest: parseManifest(bytes) };
  if (!INDEXES.includes(chosen.mediaType) || depth >= DEPTH_MAX)
    throw new AptLayerError(
      'FORMAT',
      `sha256:${chosen.sha256} is ${JSON.stringify(chosen.mediaType)}, not an image`,
    );
  return resolve(host, directory, { candidates: parseIndex(bytes).manifests, depth: depth + 1 });
}

function notOne(reason: string, { manifests }: OciIndex): AptLayerError {
  const tags = manifests.map(one => one.annotations[REF_NAME] ?? '(without a name)');
  return new AptLayerError('NOT_FOUND', reason, {
    hint: tags.length === 0 ? 'it has none' : `it has: ${tags.join(', ')}`,
    details: { tags },
  });
}
