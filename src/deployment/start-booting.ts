import { type Bootloader, removeBootloader, writeBootloader } from '../boot/index.ts';
import type { Transaction } from '../transaction/index.ts';
import { setBootOrder } from './boot-order.ts';
import { listDeployments } from './list.ts';
import { BOOT_TRIES, clearLoader } from './loader.ts';

/**
 * Makes a boot loader boot a sysroot that nothing has booted so far, beside whatever it boots now: the first deployment has counted attempts,
 * after which the loader takes what it took before. Durable when it resolves; an error leaves the loader as it was.
 */
export async function startBooting(transaction: Transaction, bootloader: Bootloader): Promise<void> {
  const ids = listDeployments(transaction).map(one => one.id);
  writeBootloader(transaction, bootloader);
  try {
    await setBootOrder(transaction, { ids, tries: BOOT_TRIES });
  } catch (error) {
    removeBootloader(transaction);
    throw error;
  }
}

/** Undoes `startBooting`: the loader's entries go first. The deployments stay. */
export async function stopBooting(transaction: Transaction): Promise<void> {
  await clearLoader(transaction);
  removeBootloader(transaction);
}
