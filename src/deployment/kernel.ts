import { fromText, toText } from '../formats/bytes/index.ts';
import { compareVersions } from '../formats/debversion/index.ts';
import { lookup, type RegularFile, type Tree } from '../formats/tree/index.ts';
import { kernelVersions } from '../layer/index.ts';
import { objectFile, type Store } from '../store/index.ts';

/** A kernel or an initramfs of an image, where its bytes are. */
export interface BootFile {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Of its object in the store. */
  readonly path: string;
}

export interface Kernel {
  /** As `uname -r` will say. */
  readonly version: string;
  readonly kernel: BootFile;
  readonly initrd: BootFile | undefined;
}

/** The kernel that an image boots: the newest that it has. Undefined for an image without one, such as a container's. */
export function kernelOf(store: Store, tree: Tree): Kernel | undefined {
  const newest = kernelVersions(tree).map(toText).sort(compareVersions).at(-1);
  if (newest === undefined) return undefined;
  const file = (name: string) =>
    bootFile(store, lookup(tree, fromText(`/usr/lib/modules/${newest}/${name}`)));
  const kernel = file('vmlinuz');
  return kernel === undefined ? undefined : { version: newest, kernel, initrd: file('initrd.img') };
}

function bootFile(store: Store, node: ReturnType<typeof lookup>): BootFile | undefined {
  if (node?.kind !== 'file') return undefined;
  const { size, content }: RegularFile = node;
  // What is small enough to be inline is no kernel.
  if (content.kind !== 'object') return undefined;
  return { digest: content.digest, size, path: objectFile(store, content.digest) };
}
