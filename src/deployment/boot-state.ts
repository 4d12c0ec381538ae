import { readBooted, readBootOrder, writeBootOrder } from '../boot/index.ts';
import { writeFileDurable } from '../fs/index.ts';
import { log } from '../report/index.ts';
import type { Sysroot, Transaction } from '../transaction/index.ts';
import { addBadImage, forgetBad } from './bad-images.ts';
import { setBootOrder } from './boot-order.ts';
import { tellJournal } from './events.ts';
import { listDeployments } from './list.ts';
import { confirmLoader, readLoader } from './loader.ts';
import { movedToFront } from './order.ts';
import { confirmedPath, deploymentPath } from './paths.ts';
import { ifReadable } from './readable.ts';

/** What was found when the machine came up. */
export interface BootState {
  readonly booted: string;
  /** Deployments that had all their attempts and did not come up. */
  readonly abandoned: readonly string[];
}

/**
 * Run early in each boot. The boot loader knows best what it will boot next: its order becomes the order, whatever a crash left in
 * `state/boot.json`. A deployment that used up its attempts is remembered as bad and loses its entry; what runs stays the default.
 */
export async function takeBootState(transaction: Transaction): Promise<BootState | undefined> {
  const { host } = transaction;
  const booted = readBooted(transaction);
  const loader = await readLoader(transaction);
  if (booted === undefined || loader === undefined) return undefined;
  const { entries } = loader.state;
  const deployments = listDeployments(transaction);
  const bad = entries.filter(one => one.triesLeft === 0 && one.id !== booted.deployment);
  for (const { id } of bad) {
    const image = deployments.find(one => one.id === id)?.image;
    if (image !== undefined) addBadImage(transaction, { image, deployment: id });
    const message = `${id} did not come up, and will not be tried again`;
    log(host.report, 'warning', message);
    await tellJournal(host, 'abandoned', { deployment: id, message });
  }
  const good = entries.filter(one => !bad.includes(one)).map(one => one.id);
  if (bad.length > 0) {
    const ids = movedToFront(good, booted.deployment);
    transaction.step('order', { order: ids, abandoned: bad.map(one => one.id) });
    await setBootOrder(transaction, { ids });
  } else if (good.join() !== (ifReadable(transaction, readBootOrder) ?? []).join())
    writeBootOrder(transaction, good);
  return { booted: booted.deployment, abandoned: bad.map(one => one.id) };
}

/** Whether this machine runs from the sysroot. */
export function isBooted(at: Sysroot): boolean {
  return readBooted(at) !== undefined;
}

function noteConfirmed({ host, sysroot }: Transaction, id: string): void {
  const path = confirmedPath(deploymentPath(sysroot, id));
  if (host.sys.lstatIfExists(path) === undefined) writeFileDurable(host.sys, path, '');
}

/** Says that what runs came up well: it is the default from now on, without counting. */
export async function confirmBoot(transaction: Transaction): Promise<string | undefined> {
  const { host } = transaction;
  const booted = readBooted(transaction);
  if (booted === undefined) return undefined;
  await confirmLoader(transaction, booted.deployment);
  forgetBad(transaction, booted.deployment);
  noteConfirmed(transaction, booted.deployment);
  const message = `${booted.deployment} came up well`;
  await tellJournal(host, 'confirmed', { deployment: booted.deployment, message });
  return booted.deployment;
}
