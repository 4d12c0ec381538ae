import { AptLayerError } from '../errors/index.ts';
import { fromText, toText } from '../formats/bytes/index.ts';
import { compareVersions } from '../formats/debversion/index.ts';
import { lookup, lookupDirectory, type Tree } from '../formats/tree/index.ts';
import { objectFile, readContent, type Store } from '../store/index.ts';

/** A kernel or an initramfs of an image, where its bytes are. */
export interface BootFile {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Of its object in the store. */
  readonly path: string;
}

/** The newest kernel of an image. */
export interface ImageKernel {
  /** As `uname -r` will say. */
  readonly version: string;
  readonly kernel: BootFile;
  readonly initrd: BootFile;
}

const MODULES = '/usr/lib/modules';

/** The kernel that an image boots: the newest that has an initramfs. FAILED, with what to do, when there is none. */
export function bootableKernel(store: Store, tree: Tree): ImageKernel {
  const names = [...(lookupDirectory(tree, fromText(MODULES))?.entries.keys() ?? [])];
  const file = (version: string, name: string) => bootFile(store, tree, `${MODULES}/${version}/${name}`);
  const kernels = names.map(toText).flatMap(version => {
    const kernel = file(version, 'vmlinuz');
    return kernel === undefined ? [] : { version, kernel, initrd: file(version, 'initrd.img') };
  });
  const newest = kernels.sort((a, b) => compareVersions(a.version, b.version)).at(-1);
  if (newest === undefined)
    throw new AptLayerError('FAILED', `the image has no kernel in ${MODULES}, so it cannot be booted`, {
      hint: 'layer one first: apt-layer layer linux-image-amd64',
    });
  const { initrd } = newest;
  if (initrd === undefined)
    throw new AptLayerError('FAILED', `the kernel ${newest.version} of the image has no initrd.img`, {
      hint: 'layer initramfs-tools or dracut, or do not switch `initramfs` off in the spec',
    });
  return { ...newest, initrd };
}

function bootFile(store: Store, tree: Tree, path: string): BootFile | undefined {
  const node = lookup(tree, fromText(path));
  if (node?.kind !== 'file' || node.content.kind !== 'object') return undefined;
  const { digest } = node.content;
  return { digest, size: node.size, path: objectFile(store, digest) };
}

/**
 * The kernel's command line of a deployment: what finds the sysroot, the image and its digest, the deployment, then its own
 * arguments. `?` before the kind of digest: fs-verity is not required.
 */
export function entryArguments(
  record: { readonly id: string; readonly image: string; readonly kernelArguments: readonly string[] },
  bootloader: { readonly arguments: readonly string[]; readonly verity: boolean },
): string[] {
  const kind = record.image.length === 128 ? 'sha512' : 'sha256';
  return [
    ...bootloader.arguments,
    `composefs.digest=${bootloader.verity ? '' : '?'}v1-${kind}-12:${record.image}`,
    `aptlayer.deployment=${record.id}`,
    ...record.kernelArguments,
  ];
}

/** What the boot menu shows: PRETTY_NAME of os-release(5) and the deployment. */
export function entryTitle(store: Store, tree: Tree, id: string): string {
  const file = lookup(tree, fromText('/usr/lib/os-release'));
  const text = file?.kind === 'file' ? readContent(store, file).toString('utf8') : '';
  const value = /^PRETTY_NAME=(?:"([^"\n]*)"|([^\n]*))$/m.exec(text);
  return `${value?.[1] ?? value?.[2] ?? 'Linux'} (${id})`;
}
