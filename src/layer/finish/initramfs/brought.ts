import { AptLayerError } from '../../../errors/index.ts';
import { fromText } from '../../../formats/bytes/index.ts';
import { lookup, type Tree, withNode } from '../../../formats/tree/index.ts';
import { kernelVersions } from '../kernels.ts';
import type { InitramfsMaker } from './maker.ts';

/** What the initramfs beside the modules of a kernel is called where images are for bootc. */
const OF_BOOTC = 'initramfs.img';

/**
 * The tree without initramfs images that an image for bootc brought: they mount its deployments, not ours, and are made anew. RESOLVE_FAILED where
 * nothing is there to make one that does.
 */
export function withoutBrought(tree: Tree, maker: InitramfsMaker | undefined): Tree {
  const has = (path: string) => lookup(tree, fromText(path)) !== undefined;
  const brought = kernelVersions(tree)
    .map(String)
    .filter(version => has(pathOf(version)));
  // Beside one of ours it is only another name.
  const alone = brought.find(
    version => !has(`/boot/initrd.img-${version}`) && !has(`/usr/lib/modules/${version}/initrd.img`),
  );
  if (alone !== undefined && maker === undefined)
    throw cannotMount(alone, 'has neither dracut nor initramfs-tools to make another');
  if (alone !== undefined && maker !== undefined && !has(maker.hook))
    throw cannotMount(alone, 'has no apt-layer, which would bring what does');
  return brought.reduce((current, version) => withNode(current, fromText(pathOf(version)), undefined), tree);
}

function pathOf(version: string): string {
  return `/usr/lib/modules/${version}/${OF_BOOTC}`;
}

function cannotMount(version: string, why: string): AptLayerError {
  return new AptLayerError(
    'RESOLVE_FAILED',
    `the initramfs of the image does not mount deployments (${pathOf(version)}), and the image ${why}`,
    {
      hint: 'put the package of apt-layer, and dracut or initramfs-tools, into the image, or layer them: apt-layer_VERSION_all.deb',
    },
  );
}
