import type { Bootloader, LoaderEntry } from '../boot/index.ts';
import { type Deployment, loaderEntry } from '../deployment/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { Store } from '../store/index.ts';

/** An entry that finds its root with an initramfs. */
export interface BootableEntry extends LoaderEntry {
  readonly initrd: NonNullable<LoaderEntry['initrd']>;
}

/** The boot entry of a deployment. FAILED, with what to do, when its image has no kernel, or none with an initramfs. */
export function bootableEntry(
  store: Store,
  deployment: Deployment,
  bootloader: Pick<Bootloader, 'arguments' | 'verity'>,
): BootableEntry {
  const entry = loaderEntry(store, deployment, bootloader);
  if (entry === undefined)
    throw new AptLayerError('FAILED', `the image of ${deployment.id} has no kernel, so it cannot be booted`, {
      hint: 'layer one first: apt-layer layer linux-image-amd64',
    });
  const { initrd } = entry;
  if (initrd === undefined)
    throw new AptLayerError('FAILED', `the kernel of ${deployment.id} has no initramfs`, {
      hint: 'layer initramfs-tools or dracut, or do not switch `initramfs` off in the spec',
    });
  return { ...entry, initrd };
}
