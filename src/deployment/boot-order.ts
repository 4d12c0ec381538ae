import { writeBootOrder } from '../boot/index.ts';
import type { Sysroot, Transaction } from '../transaction/index.ts';
import { listDeployments } from './list.ts';
import { BOOT_TRIES, writeLoader } from './loader.ts';
import { movedToFront } from './order.ts';

/** An order, and how many attempts its first deployment has. */
export interface BootOrderChange {
  readonly ids: readonly string[];
  /** Undefined: they are not counted. */
  readonly tries?: number;
}

/**
 * Makes `ids` the boot order, the next boot first. Durable when it resolves. Where a boot loader boots the sysroot, the one
 * step that counts is the loader's; `state/boot.json` follows, and after a crash in between is corrected at the next boot.
 */
export async function setBootOrder(transaction: Transaction, change: BootOrderChange): Promise<void> {
  const { ids, tries } = change;
  const byId = new Map(listDeployments(transaction).map(one => [one.id, one]));
  const order = ids.flatMap(id => byId.get(id) ?? []);
  await writeLoader(transaction, { order, tries });
  writeBootOrder(transaction, ids);
}

/** The order with a deployment before all others that can be booted. Where there is one to fall back to, its attempts are counted. */
export function orderWithFirst(at: Sysroot, id: string): BootOrderChange {
  const bootable = listDeployments(at).filter(one => one.finalized);
  const ids = movedToFront(
    bootable.map(one => one.id),
    id,
  );
  return bootable.length > 1 ? { ids, tries: BOOT_TRIES } : { ids };
}
