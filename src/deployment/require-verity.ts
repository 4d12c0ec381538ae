import { readBootloader, writeBootloader } from '../boot/index.ts';
import { ensureStore, protectStore } from '../store/index.ts';
import type { Transaction } from '../transaction/index.ts';
import { setBootOrder } from './boot-order.ts';
import { listDeployments } from './list.ts';
import { storePath } from './paths.ts';

/** What protecting a sysroot came to. */
export interface Protected {
  /** Objects that had no fs-verity before. */
  readonly objects: number;
  /** Boot entries require it from now on; false where no boot loader boots the sysroot. */
  readonly required: boolean;
}

/**
 * Protects all objects by fs-verity, and has each boot entry require it: from the next boot on, changed bytes are an error when they are read, and a
 * changed image is not booted. Repeatable; the entries change last.
 */
export async function requireVerity(transaction: Transaction): Promise<Protected> {
  const { host, sysroot } = transaction;
  const objects = protectStore(ensureStore(host, storePath(sysroot)));
  const bootloader = readBootloader(host.sys, sysroot);
  if (bootloader === undefined) return { objects, required: false };
  transaction.step('verity', { objects });
  writeBootloader(host.sys, sysroot, { ...bootloader, verity: true });
  const ids = listDeployments(host, sysroot)
    .filter(one => one.finalized && !one.bad)
    .map(one => one.id);
  await setBootOrder(host, sysroot, { ids });
  return { objects, required: true };
}
