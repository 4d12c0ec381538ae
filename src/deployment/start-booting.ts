import { type Bootloader, removeBootloader, writeBootloader } from '../boot/index.ts';
import type { Host } from '../host/index.ts';
import { setBootOrder } from './boot-order.ts';
import { listDeployments } from './list.ts';
import { BOOT_TRIES, clearLoader } from './loader.ts';

/**
 * Makes a boot loader boot a sysroot that nothing has booted so far, beside whatever it boots now: the first deployment has counted attempts,
 * after which the loader takes what it took before. Durable when it resolves; an error leaves the loader as it was.
 */
export async function startBooting(host: Host, sysroot: string, bootloader: Bootloader): Promise<void> {
  const ids = listDeployments(host, sysroot).map(one => one.id);
  writeBootloader(host.sys, sysroot, bootloader);
  try {
    await setBootOrder(host, sysroot, { ids, tries: BOOT_TRIES });
  } catch (error) {
    removeBootloader(host.sys, sysroot);
    throw error;
  }
}

/** Undoes `startBooting`: the loader's entries go first. The deployments stay. */
export async function stopBooting(host: Host, sysroot: string): Promise<void> {
  await clearLoader(host, sysroot);
  removeBootloader(host.sys, sysroot);
}
