import { makeInitramfs } from '../../apt/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree } from '../../formats/tree/index.ts';
import { imageOf } from '../built-image.ts';
import type { BuildContext } from '../context.ts';
import { dpkgTarget } from '../install/index.ts';
import { runStage } from '../stage.ts';
import { kernelVersions } from './kernels.ts';

/** An initramfs with what it is made of, unpacked once; tens of megabytes. */
const INITRAMFS_BYTES = 256 * 1024 * 1024;

/**
 * The tree with an initramfs for each kernel, made once, after everything is configured: while packages are configured,
 * none is. A tree without kernels or without mkinitramfs stays as it is. The same tree gives the same bytes.
 */
export async function withInitramfs(context: BuildContext, tree: Tree, epochSeconds: number): Promise<Tree> {
  const versions = kernelVersions(tree).map(String);
  if (versions.length === 0 || lookup(tree, fromText('/usr/sbin/mkinitramfs')) === undefined) return tree;
  return runStage(context, imageOf(context, tree), {
    name: 'initramfs',
    expectedBytes: INITRAMFS_BYTES * versions.length,
    action: scratch => makeInitramfs(dpkgTarget(context, scratch), versions, epochSeconds),
  });
}
