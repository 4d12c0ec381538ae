import { AptLayerError } from '../errors/index.ts';
import {
  type Descriptor,
  type OciManifest,
  ociArchitecture,
  type Platform,
  parseConfig,
  parseIndex,
  parseManifest,
  REF_NAME,
} from '../formats/oci/index.ts';
import type { Host } from '../host/index.ts';
import { readDocument, readLayout } from './layout.ts';
import type { OciLocation } from './location.ts';
import { isImage, isIndex, isManifest } from './media-types.ts';
import { processorLevel, variantLevel } from './processor.ts';

/** An index of indexes of images. */
export const DEPTH_MAX = 3;

/** An image of a layout that was chosen. */
export interface ChosenImage {
  /** SHA-256 of its manifest. */
  readonly sha256: string;
  readonly manifest: OciManifest;
}

/** Something in a layout that may be meant, and for which machine it is where that is known. */
interface Candidate extends ChosenImage {
  readonly names: readonly string[];
  readonly platform: Platform | undefined;
}

/**
 * The image that a location means: the one with the tag or the digest, else the only one; of those for several machines, the one for this
 * architecture: without a variant, else with the highest that the processor has. Signatures and other things about images are none.
 * NOT_FOUND with what there is otherwise.
 */
export function chooseImage(host: Host, location: OciLocation): ChosenImage {
  const { directory } = location;
  const index = readLayout(host.sys, directory);
  if (index === undefined)
    throw new AptLayerError('NOT_FOUND', `${directory} is not in the OCI image layout`, {
      hint: 'a layout has a file `oci-layout`; `skopeo copy` makes one',
    });
  const all = index.manifests.flatMap(one =>
    imagesOf(host, directory, { one, names: nameOf(one), depth: 0 }),
  );
  const meant = distinct(all.filter(({ names }) => isMeant(names, location)));
  // Images of several machines may stand side by side under one name, or under none.
  const tags = new Set(meant.map(({ names }) => names.find(isTag)));
  if (meant.length === 0 || tags.size > 1) throw notOne(host, location, index.manifests);
  return bestOf(host, directory, meant);
}

const isTag = (name: string) => !name.startsWith('sha256:');
const nameOf = (one: Descriptor) => [one.annotations[REF_NAME] ?? ''].filter(name => name !== '');

/** By its tag, as it stands or with the digest behind it; or by its digest or that of an index that it is in. */
function isMeant(names: readonly string[], { tag, sha256 }: OciLocation): boolean {
  if (tag !== undefined && sha256 !== undefined && names.includes(`${tag}@sha256:${sha256}`)) return true;
  return (
    (tag === undefined || names.includes(tag)) && (sha256 === undefined || names.includes(`sha256:${sha256}`))
  );
}

interface Place {
  readonly one: Descriptor;
  /** The name and the digests of what it is in. */
  readonly names: readonly string[];
  readonly depth: number;
}

/** The images behind an entry of an index. */
function imagesOf(host: Host, directory: string, { one, names, depth }: Place): Candidate[] {
  if (one.artifactType !== undefined) return [];
  const known = [...names, `sha256:${one.sha256}`];
  if (isIndex(one.mediaType)) {
    if (depth >= DEPTH_MAX)
      throw new AptLayerError('FORMAT', `sha256:${one.sha256} is an index in too many others`);
    const { manifests } = parseIndex(readDocument(host.sys, directory, one));
    return manifests.flatMap(inner =>
      imagesOf(host, directory, { one: inner, names: known, depth: depth + 1 }),
    );
  }
  if (!isManifest(one.mediaType)) return [];
  // A layout need not have the images of other machines.
  if (one.platform !== undefined && !isForHere(host, one.platform)) return [];
  const manifest = parseManifest(readDocument(host.sys, directory, one));
  if (!isImage(manifest)) return [];
  const platform = one.platform ?? parseConfig(readDocument(host.sys, directory, manifest.config));
  return [{ sha256: one.sha256, manifest, names: known, platform }];
}

function isForHere(host: Host, { os, architecture }: Platform): boolean {
  return os === 'linux' && architecture === ociArchitecture(host.architecture);
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map(one => [one.sha256, one])).values()];
}

function bestOf(host: Host, directory: string, candidates: readonly Candidate[]): ChosenImage {
  const [only] = candidates;
  // What it is for is checked with the rest of its configuration.
  if (only !== undefined && candidates.length === 1) return only;
  const most = processorLevel(host.architecture, host.sys.readFile('/proc/cpuinfo').toString('latin1'));
  const level = ({ platform }: Candidate) => variantLevel(platform?.variant) ?? Number.POSITIVE_INFINITY;
  const fitting = candidates
    .filter(({ platform }) => platform !== undefined && isForHere(host, platform))
    .filter(one => one.platform?.variant === undefined || level(one) <= most)
    .sort((a, b) => level(b) - level(a));
  const [chosen, next] = fitting;
  if (chosen !== undefined && (next === undefined || level(next) < level(chosen))) return chosen;
  const machine = `linux/${ociArchitecture(host.architecture)}`;
  throw new AptLayerError('NOT_FOUND', `${fitting.length} images for ${machine} are in ${directory}`, {
    hint: 'name one by its digest: oci:DIRECTORY@sha256:HEX',
    details: { digests: candidates.map(({ sha256 }) => `sha256:${sha256}`) },
  });
}

function notOne(
  host: Host,
  { directory, tag, sha256 }: OciLocation,
  all: readonly Descriptor[],
): AptLayerError {
  const machine = ociArchitecture(host.architecture);
  const isThere = all.some(one => (tag === undefined ? all.length === 1 : nameOf(one).includes(tag)));
  if (isThere && sha256 === undefined)
    return new AptLayerError('NOT_FOUND', `${directory} has no image for linux/${machine} by that name`, {
      hint: `copy it there: \`skopeo copy --override-arch ${machine} ...\``,
    });
  const called = [tag, sha256 === undefined ? undefined : `sha256:${sha256}`].filter(
    one => one !== undefined,
  );
  const what = called.length === 0 ? 'one image' : `one image called ${JSON.stringify(called.join('@'))}`;
  const tags = [...new Set(all.map(one => nameOf(one)[0] ?? '(without a name)'))];
  return new AptLayerError('NOT_FOUND', `${directory} does not have ${what}`, {
    hint: tags.length === 0 ? 'it has none' : `it has: ${tags.join(', ')}`,
    details: { tags },
  });
}
