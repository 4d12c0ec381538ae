import { listInitramfs, makeInitramfs } from '../../../apt/index.ts';
import { fromText } from '../../../formats/bytes/index.ts';
import { lookup, type RegularFile, type Tree, withNode } from '../../../formats/tree/index.ts';
import { log } from '../../../report/index.ts';
import { readContent } from '../../../store/index.ts';
import { imageOf } from '../../built-image.ts';
import type { BuildContext } from '../../context.ts';
import { dpkgTarget } from '../../install/index.ts';
import { runStage } from '../../stage.ts';
import { kernelVersions } from '../kernels.ts';
import { inputsKey, nodeAt } from './inputs.ts';
import { findInitramfs, keepInitramfs } from './kept.ts';
import { recordOf } from './record.ts';

/** An initramfs with what it is made of, unpacked once; tens of megabytes. */
const INITRAMFS_BYTES = 256 * 1024 * 1024;

/** A kernel of a tree and what its initramfs depends on. */
interface Kernel {
  readonly version: string;
  /** No time in the initramfs is later: that of the kernel itself, so that other packages do not change it. */
  readonly epochSeconds: number;
  readonly key: string;
}

/**
 * The tree with an initramfs for each kernel, `/boot/initrd.img-VERSION`, as old as the kernel. It comes after everything is
 * configured: while packages are configured, none is made. One that was made of the same inputs before is
 * taken as it is. A tree without kernels or without mkinitramfs stays as it is.
 */
export async function withInitramfs(
  context: BuildContext,
  tree: Tree,
  options: { readonly reuse: boolean },
): Promise<Tree> {
  if (lookup(tree, fromText('/usr/sbin/mkinitramfs')) === undefined) return tree;
  const read = (file: RegularFile) => readContent(context.store, file);
  const kernels = kernelVersions(tree)
    .map(String)
    .map((version): Kernel => {
      const epochSeconds = kernelTime(tree, version);
      return { version, epochSeconds, key: inputsKey(tree, version, { epochSeconds, read }) };
    });
  const found = new Map<Kernel, RegularFile>();
  for (const kernel of options.reuse ? kernels : []) {
    const initrd = findInitramfs(context, tree, kernel);
    if (initrd !== undefined) found.set(kernel, initrd);
  }
  const missing = kernels.filter(kernel => !found.has(kernel));
  for (const [kernel, initrd] of await make(context, tree, missing)) found.set(kernel, initrd);
  for (const { version } of found.keys())
    log(
      context.host.report,
      'debug',
      `${version}: initramfs ${missing.some(one => one.version === version) ? 'made' : 'as before'}`,
    );
  return kernels.reduce((current, kernel) => withNode(current, pathOf(kernel), found.get(kernel)), tree);
}

/** Makes them in one stage; of all that the stage writes only they count. */
async function make(
  context: BuildContext,
  tree: Tree,
  kernels: readonly Kernel[],
): Promise<Map<Kernel, RegularFile>> {
  if (kernels.length === 0) return new Map();
  const contents = new Map<Kernel, readonly string[]>();
  const after = await runStage(context, imageOf(context, tree), {
    name: 'initramfs',
    expectedBytes: INITRAMFS_BYTES * kernels.length,
    action: async scratch => {
      const target = dpkgTarget(context, scratch);
      for (const kernel of kernels) {
        await makeInitramfs(target, kernel);
        contents.set(kernel, await listInitramfs(target, kernel.version));
      }
    },
  });
  const made = kernels.map(kernel => {
    const initrd = lookup(after, pathOf(kernel));
    if (initrd?.kind !== 'file') throw new Error(`mkinitramfs made no image for ${kernel.version}`);
    const record = recordOf(tree, contents.get(kernel) ?? [], kernel.epochSeconds);
    return { kernel, record, initrd: { ...initrd, mtime: kernel.epochSeconds, mtimeNsec: 0 } };
  });
  keepInitramfs(
    context,
    made.map(({ kernel, initrd, record }) => ({ key: kernel.key, initrd, record })),
  );
  return new Map(made.map(({ kernel, initrd }) => [kernel, initrd]));
}

function pathOf({ version }: Kernel) {
  return fromText(`/boot/initrd.img-${version}`);
}

/** Seconds since the epoch. */
function kernelTime(tree: Tree, version: string): number {
  const places = [`/boot/vmlinuz-${version}`, `/usr/lib/modules/${version}/vmlinuz`];
  return Math.max(0, ...places.map(path => Number(nodeAt(tree, path)?.mtime ?? 0)));
}
