import { readBooted, readBootloader, runningArguments, writeBootloader } from '../boot/index.ts';
import { hasVerity, openStore, protectStore } from '../store/index.ts';
import type { Sysroot, Transaction } from '../transaction/index.ts';
import { setBootOrder } from './boot-order.ts';
import { listDeployments } from './list.ts';
import { storePath } from './paths.ts';

/**
 * Whether the machine runs from a deployment that fs-verity could protect and does not: it was installed where the kernel had none. Not when
 * `aptlayer.verity=0` is among the kernel's arguments.
 */
export function lacksVerity(at: Sysroot): boolean {
  const { host, sysroot } = at;
  if (readBooted(at) === undefined || readBootloader(at)?.verity !== false) return false;
  if (runningArguments(host.sys).includes('aptlayer.verity=0')) return false;
  const { root, algorithm } = openStore(host, storePath(sysroot));
  return hasVerity(host, root, algorithm);
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
 * Resolves to how many had no fs-verity before.
 */
export function protectObjects({ host, sysroot }: Sysroot): Promise<number> {
  return protectStore(openStore(host, storePath(sysroot)));
}

/**
 * Protects all objects by fs-verity, and has each boot entry require it: from the next boot on, changed bytes are an error when they are read, and a
 * changed image is not booted. Repeatable; the entries change last.
 */
export async function requireVerity(transaction: Transaction): Promise<Protected> {
  const { host, sysroot } = transaction;
  const objects = await protectStore(openStore(host, storePath(sysroot)));
  const bootloader = readBootloader(transaction);
  if (bootloader === undefined) return { objects, required: false };
  transaction.step('verity', { objects });
  writeBootloader(transaction, { ...bootloader, verity: true });
  const ids = listDeployments(transaction)
    .filter(one => one.finalized && !one.bad)
    .map(one => one.id);
  await setBootOrder(transaction, { ids });
  return { objects, required: true };
}
