import type { PackageRecord } from '../apt/index.ts';
import { kernelOf } from '../deployment/index.ts';
import type { Tree } from '../formats/tree/index.ts';
import type { Store } from '../store/index.ts';

/** Annotation of a manifest: the packages of the image, `NAME=VERSION` or `NAME:ARCH=VERSION`, with spaces between. */
const PACKAGES = 'org.aptlayer.packages';
/** By this label bootc knows images that it can boot, by the other it finds the version of the kernel. */
const BOOTABLE = 'containers.bootc';
const KERNEL = 'ostree.linux';

/** Labels that say what is in one image: another one that is made of it has its own. */
const OWN_LABELS = [
  ...[BOOTABLE, KERNEL, 'org.opencontainers.image.created', 'org.opencontainers.image.version'],
  ...['org.opencontainers.image.revision', 'org.opencontainers.image.source'],
];

/** Labels of an image that those made of it keep. */
export function inheritedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !OWN_LABELS.includes(key)));
}

/** Labels that follow from what is in the image: with a kernel it can be booted. */
export function labelsFor(store: Store, tree: Tree): Record<string, string> {
  const kernel = kernelOf(store, tree);
  return kernel === undefined ? {} : { [BOOTABLE]: '1', [KERNEL]: kernel.version };
}

/** The packages of an image for its manifest: what is newer can be told without fetching a layer. `native` is Debian's name of an architecture. */
export function packageAnnotation(
  records: ReadonlyMap<string, PackageRecord>,
  native: string,
): Record<string, string> {
  return records.size === 0 ? {} : { [PACKAGES]: packageList([...records.values()], native) };
}

function packageList(records: readonly PackageRecord[], native: string): string {
  return records
    .map(({ name, architecture, version }) =>
      architecture === native || architecture === 'all'
        ? `${name}=${version}`
        : `${name}:${architecture}=${version}`,
    )
    .sort()
    .join(' ');
}
