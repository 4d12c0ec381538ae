import { writeBootOrder } from '../boot/index.ts';
import type { Host } from '../host/index.ts';
import { listDeployments } from './list.ts';
import { writeLoader } from './loader.ts';

/**
 * Makes `ids` the boot order, the next boot first. Durable when it resolves. Where a boot loader boots the sysroot, the one
 * step that counts is the loader's; `state/boot.json` follows, and after a crash in between is corrected at the next boot.
 */
export async function setBootOrder(
  host: Host,
  sysroot: string,
  change: { readonly ids: readonly string[]; readonly tries?: number },
): Promise<void> {
  const { ids, tries } = change;
  const byId = new Map(listDeployments(host, sysroot).map(one => [one.id, one]));
  const order = ids.flatMap(id => byId.get(id) ?? []);
  await writeLoader(host, sysroot, { order, tries });
  writeBootOrder(host.sys, sysroot, ids);
}
