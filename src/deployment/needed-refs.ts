import { fromText } from '../formats/bytes/index.ts';
import { lookup, lookupDirectory, type Tree } from '../formats/tree/index.ts';
import { INITRAMFS_REFS, keptInitramfs, packageRef } from '../layer/index.ts';
import { importedImages, LAYER_REFS, layerRef } from '../oci/index.ts';
import { listRefs, type Ref, readImage, type Store } from '../store/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import type { Deployment } from './model.ts';
import { BUILD_REFS, INPUT_REFS, KEPT_BASE_REFS, PACKAGE_REFS, STAGE_REFS } from './paths.ts';

/** What refs the next change of a deployment starts from begin with. */
const PREFIXES = [
  BUILD_REFS,
  STAGE_REFS,
  KEPT_BASE_REFS,
  PACKAGE_REFS,
  INPUT_REFS,
  INITRAMFS_REFS,
  LAYER_REFS,
];

/** Bases that somebody gave a name: `local://NAME`. */
const NAMED_BASE_REFS = 'base/';

/** A deployment, and the text of its lock. */
export interface Needing {
  readonly deployment: Pick<Deployment, 'image' | 'base' | 'stages'>;
  readonly lockText: string;
}

/** The refs of a store that deployments are made from, those that none needs included. */
export function partRefs(store: Store): Ref[] {
  return PREFIXES.flatMap(prefix => listRefs(store, prefix));
}

/**
 * Those of `refs` by which the next change of one of the deployments is spared fetching, importing or building again: the base, the packages
 * and the inputs that its lock names, the stages that its build used, the initramfs and the build; and the layers of bases from registries, of which a newer image has most.
 */
export function neededRefs(
  at: Sysroot,
  { store, refs }: { readonly store: Store; readonly refs: readonly Ref[] },
  needing: readonly Needing[],
): Ref[] {
  const images = new Set(needing.map(({ deployment }) => deployment.image));
  const bases = new Set(needing.map(({ deployment }) => deployment.base?.digest));
  const locked = new Set(needing.flatMap(({ lockText }) => digestsIn(lockText)));
  const packages = new Set([...locked].map(packageRef));
  const hasInitramfs = refs.some(({ name }) => name.startsWith(INITRAMFS_REFS));
  const initramfs = new Set(
    hasInitramfs ? [...images].flatMap(image => initramfsObjects(readImage(store, image))) : [],
  );
  const named = listRefs(store, NAMED_BASE_REFS).map(({ image }) => image);
  const stages = new Set(needing.flatMap(({ deployment }) => deployment.stages.map(one => one.ref)));
  const staged = new Set(refs.filter(({ name }) => stages.has(name)).map(({ image }) => image));
  const layers = new Set(layersOf(at, new Set([...bases, ...named])));
  return refs.filter(({ name, image }) => {
    if (name.startsWith(LAYER_REFS)) return layers.has(name);
    if (name.startsWith(BUILD_REFS)) return images.has(image);
    // The same tree has one more name for a spec that refuses less.
    if (name.startsWith(STAGE_REFS)) return staged.has(image);
    if (name.startsWith(KEPT_BASE_REFS)) return bases.has(image);
    if (name.startsWith(INITRAMFS_REFS)) return initramfs.has(keptInitramfs(readImage(store, image)));
    // What other code imported would be imported again.
    if (name.startsWith(PACKAGE_REFS)) return packages.has(name);
    return name.startsWith(INPUT_REFS) && locked.has(name.slice(INPUT_REFS.length));
  });
}

/** SHA-256 digests in a lock; the packages of its base are not needed once more while the base is there. */
function digestsIn(lockText: string): string[] {
  return withoutBase(lockText).match(/[0-9a-f]{64}/g) ?? [];
}

function withoutBase(lockText: string): string {
  try {
    return JSON.stringify({ ...(JSON.parse(lockText) as object), base: null });
  } catch {
    // Whatever it is: what looks like a digest in it stays.
    return lockText;
  }
}

function layersOf(at: Sysroot, bases: ReadonlySet<string | undefined>): string[] {
  return [...importedImages(at)].flatMap(([image, { diffIds }]) =>
    bases.has(image) ? diffIds.map(layerRef) : [],
  );
}

function initramfsObjects(tree: Tree): (string | undefined)[] {
  const modules = lookupDirectory(tree, fromText('/usr/lib/modules'));
  return [...(modules?.entries.keys() ?? [])].map(version => {
    const file = lookup(tree, fromText(`/usr/lib/modules/${version}/initrd.img`));
    return file?.kind === 'file' && file.content.kind === 'object' ? file.content.digest : undefined;
  });
}
