import type { PackageRecord } from '../apt/index.ts';
import { isPackageName } from '../formats/deb822/index.ts';
import { type Leaf, type Tree, walk } from '../formats/tree/index.ts';
import { type Layering, type LayerPlan, newestTime, type PriorImage } from '../oci/index.ts';
import { readContent, type Store } from '../store/index.ts';
import { assignLayers, type Component } from './assign.ts';
import { isReleaseUpdate } from './often.ts';
import { ownersOf } from './owners.ts';

/** Annotation of a manifest: by which rules its layers were made. Others are not followed. */
export const CHUNKING = 'org.aptlayer.chunking';
export const CHUNKING_VERSION = '1';
/** Annotation of a layer: the source packages whose files it has, with spaces between. */
const SOURCES = 'org.aptlayer.sources';

/** One of packages, and those of no package. */
export const LAYERS_MIN = 4;
/** Docker takes no more in one image. */
export const LAYERS_MAX = 127;
/** Half of that: what others build on the image needs some, too. */
export const LAYERS_DEFAULT = 64;

const INITRAMFS = /^\/(?:boot\/initrd\.img-[^/]+|usr\/lib\/modules\/[^/]+\/(?:initrd|initramfs)\.img)$/;
/** Less than this of files that no package has and no build made goes with what builds make. */
const OTHERS_MIN_BYTES = 8 * 1024 * 1024;
/** What a file takes in an archive beside its contents. */
const HEADER_BYTES = 512;

/** Layers that are no package's, by what they have; `made` is the last one. */
const PARTS = {
  others: 'files of no package',
  initramfs: 'initramfs',
  made: 'what the build made, the database of dpkg, and all directories',
} as const;

type Part = keyof typeof PARTS;

interface LayeringOptions {
  /** The packages of the image. */
  readonly records: ReadonlyMap<string, PackageRecord>;
  readonly prior: PriorImage | undefined;
  /** `LAYERS_MIN` to `LAYERS_MAX`. */
  readonly maxLayers: number;
}

/**
 * Spreads an image over layers so that an update changes few of them: packages by their source, the initramfs by itself, and last what every
 * build makes anew. The same image, prior and limit give the same layers. An image without packages has the last alone, or two.
 */
export function chunk(store: Store, tree: Tree, { records, prior, maxLayers }: LayeringOptions): Layering {
  const owners = ownersOf(tree, records, file => readContent(store, file));
  const { sizes, parts } = sortOut(tree, owners);
  const often = new Set(
    [...records.values()].filter(({ version }) => isReleaseUpdate(version)).map(({ source }) => source),
  );
  const components = [...sizes].map(
    ([name, bytes]): Component => ({ name, bytes, changesOften: often.has(name) }),
  );
  const room = maxLayers - Object.keys(PARTS).length;
  const groups = assignLayers(components, { prior: groupsOf(prior), max: room });
  return layeringOf(groups, { owners, parts });
}

interface SortedOut {
  /** Bytes of each source's files. */
  readonly sizes: Map<string, number>;
  /** Those of no package, but for the last layer's. */
  readonly parts: Map<Leaf, Part>;
}

function sortOut(tree: Tree, owners: ReadonlyMap<Leaf, string>): SortedOut {
  const newest = newestTime(tree);
  const sizes = new Map<string, number>();
  const parts = new Map<Leaf, Part>();
  const others = new Map<Leaf, number>();
  const seen = new Set<Leaf>();
  for (const { path, node } of walk(tree)) {
    if (node.kind === 'directory' || seen.has(node)) continue;
    seen.add(node);
    const bytes = HEADER_BYTES + (node.kind === 'file' ? node.size : 0);
    const owner = owners.get(node);
    if (INITRAMFS.test(path)) parts.set(node, 'initramfs');
    else if (owner !== undefined) sizes.set(owner, (sizes.get(owner) ?? 0) + bytes);
    else if (node.mtime < newest) others.set(node, bytes);
  }
  const total = [...others.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (total >= OTHERS_MIN_BYTES) for (const leaf of others.keys()) parts.set(leaf, 'others');
  return { sizes, parts };
}

function layeringOf(
  groups: readonly (readonly string[])[],
  { owners, parts }: { owners: ReadonlyMap<Leaf, string>; parts: ReadonlyMap<Leaf, Part> },
): Layering {
  const has = new Set(parts.values());
  const used = (['others', 'initramfs'] as const).filter(part => has.has(part));
  const layerOfSource = new Map(groups.flatMap((group, index) => group.map(name => [name, index] as const)));
  const layerOf = new Map<Leaf, number>();
  for (const [leaf, source] of owners) {
    const layer = layerOfSource.get(source);
    if (layer !== undefined) layerOf.set(leaf, layer);
  }
  for (const [leaf, part] of parts) layerOf.set(leaf, groups.length + used.indexOf(part as 'others'));
  const packages = groups.map(
    (group): LayerPlan => ({
      holds: `packages of ${group.join(' ')}`,
      annotations: { [SOURCES]: group.join(' ') },
    }),
  );
  const rest = used.map((part): LayerPlan => ({ holds: PARTS[part], annotations: {} }));
  return { layers: [...packages, ...rest, { holds: PARTS.made, annotations: {} }], layerOf };
}

/** What an earlier image had together; nothing where other rules made its layers. */
function groupsOf(prior: PriorImage | undefined): string[][] {
  if (prior?.annotations[CHUNKING] !== CHUNKING_VERSION) return [];
  return prior.layers
    .map(({ annotations }) => (annotations[SOURCES] ?? '').split(' ').filter(isPackageName))
    .filter(group => group.length > 0);
}
