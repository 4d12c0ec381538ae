import { readBooted, readBootloader, runningArguments, writeBootloader } from '../boot/index.ts';
import type { Host } from '../host/index.ts';
import { ensureStore, protectStore } from '../store/index.ts';
import type { Transaction } from '../transaction/index.ts';
import { setBootOrder } from './boot-order.ts';
import { listDeployments } from './list.ts';
import { storePath } from './paths.ts';

/**
 * Whether the machine runs from a deployment that fs-verity could protect and does not: it was installed where the kernel had none. Not when
 * `aptlayer.verity=0` is among the kernel's arguments.
 */
export function lacksVerity(host: Host, sysroot: string): boolean {
  if (readBooted(host, sysroot) === undefined || readBootloader(host.sys, sysroot)?.verity !== false)
    return false;
  return (
    !runningArguments(host.sys).includes('aptlayer.verity=0') && ensureStore(host, storePath(sysroot)).verity
  );
}

/** What protecting a sysroot came to. */
export interface Protected {
  /** Objects that had no fs-verity before. */
  readonly objects: number;
  /** Boot entries require it from now on; false where no boot loader boots the sysroot. */
  readonly required: boolean;
}

/**
 * The long part of `requireVerity`, which needs no transaction: objects never change, and one that is collected meanwhile is passed over.
 * Returns how many had no fs-verity before.
 */
export function protectObjects(host: Host, sysroot: string): number {
  return protectStore(ensureStore(host, storePath(sysroot)));
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
