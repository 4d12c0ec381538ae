import { listInitramfs, makeInitramfs } from '../../../apt/index.ts';
import { fromText } from '../../../formats/bytes/index.ts';
import { lookup, type RegularFile, type Tree, withNode } from '../../../formats/tree/index.ts';
import { log } from '../../../report/index.ts';
import { putObject, readContent } from '../../../store/index.ts';
import { imageOf } from '../../built-image.ts';
import type { BuildContext } from '../../context.ts';
import { dpkgTarget } from '../../install/index.ts';
import { runStage } from '../../stage.ts';
import { withoutIdentity } from '../identity.ts';
import { kernelVersions } from '../kernels.ts';
import { normalizeShadow } from '../shadow.ts';
import { withoutVolatile } from '../volatile.ts';
import { withoutBrought } from './brought.ts';
import { inputsKey, nodeAt } from './inputs.ts';
import { findInitramfs, keepInitramfs } from './kept.ts';
import { type InitramfsMaker, initramfsMaker } from './maker.ts';
import { recordOf } from './record.ts';

/** An initramfs with what it is made of, unpacked once; tens of megabytes. */
const INITRAMFS_BYTES = 256 * 1024 * 1024;

/** A kernel of a tree and what its initramfs depends on. */
interface Kernel {
  readonly version: string;
  readonly maker: InitramfsMaker;
  /** No time in the initramfs is later: that of the kernel or of what makes it, so that other packages do not change it. */
  readonly epochSeconds: number;
  readonly key: string;
}

/**
 * The tree with an initramfs for each kernel, `/boot/initrd.img-VERSION`, as old as the kernel or, made by dracut, as that. It
 * comes after everything is configured: while packages are configured, none is made. One that was made of the same inputs
 * before is taken as it is. A tree without kernels, or without anything that makes an initramfs, stays as it is. One that an image for bootc
 * brought is replaced; RESOLVE_FAILED where that cannot be.
 */
export async function withInitramfs(
  context: BuildContext,
  whole: Tree,
  options: { readonly reuse: boolean },
): Promise<Tree> {
  const maker = initramfsMaker(whole);
  const tree = withoutBrought(whole, maker);
  if (maker === undefined) return tree;
  const read = (file: RegularFile) => readContent(context.store, file);
  const put = (bytes: Buffer) => putObject(context.store, bytes);
  // Without the identity and the day that each build has anew: it is made from nothing else than the image will have.
  const source = normalizeShadow(withoutIdentity(withoutVolatile(tree)), { read, put });
  const kernels = kernelVersions(source)
    .map(String)
    .map((version): Kernel => {
      const epochSeconds =
        maker.timeOf === undefined ? kernelTime(source, version) : timeOf(source, [maker.timeOf]);
      return { version, maker, epochSeconds, key: inputsKey(source, version, { maker, epochSeconds, read }) };
    });
  const found = new Map<Kernel, RegularFile>();
  for (const kernel of options.reuse ? kernels : []) {
    const initrd = findInitramfs(context, source, kernel);
    if (initrd !== undefined) found.set(kernel, initrd);
  }
  const missing = kernels.filter(kernel => !found.has(kernel));
  for (const [kernel, initrd] of await make(context, source, missing)) found.set(kernel, initrd);
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
        const { program, hook } = kernel.maker;
        const hasModule = program === 'dracut' && lookup(tree, fromText(hook)) !== undefined;
        const dracutModules = hasModule ? ['apt-layer'] : [];
        await makeInitramfs(target, { ...kernel, program, dracutModules });
        contents.set(kernel, await listInitramfs(target, { ...kernel, program }));
      }
    },
  });
  const made = kernels.map(kernel => {
    const initrd = lookup(after, pathOf(kernel));
    if (initrd?.kind !== 'file')
      throw new Error(`${kernel.maker.program} made no image for ${kernel.version}`);
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
  return timeOf(tree, [`/boot/vmlinuz-${version}`, `/usr/lib/modules/${version}/vmlinuz`]);
}

/** The latest of these paths, in seconds since the epoch. */
function timeOf(tree: Tree, paths: readonly string[]): number {
  return Math.max(0, ...paths.map(path => Number(nodeAt(tree, path)?.mtime ?? 0)));
}
