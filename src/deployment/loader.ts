import {
  type BootDirectory,
  type Bootloader,
  changeBootDirectory,
  type Loader,
  type LoaderEntry,
  type LoaderState,
  openLoader,
  readBootloader,
  withBootDirectory,
} from '../boot/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import { lookup, type Tree } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import { openStore, readContent, readImage, type Store } from '../store/index.ts';
import type { Sysroot, Transaction } from '../transaction/index.ts';
import { kernelCommandLine } from './cmdline.ts';
import { kernelOf } from './kernel.ts';
import { listDeployments } from './list.ts';
import type { DeploymentRecord } from './model.ts';
import { storePath } from './paths.ts';
import { assertVerity } from './verity-policy.ts';

/** Boot attempts that a new deployment has before the one behind it is taken. */
export const BOOT_TRIES = 3;

/**
 * Makes the entries of the boot loader say what `order` does; nothing where no boot loader boots the sysroot. What says so
 * already is not written. Durable when it resolves. `tries`: the first one has only so many attempts until it is confirmed.
 * Before anything is written: NO_SPACE when the kernels do not fit, HOST_UNSUPPORTED when one is to be booted with fs-verity only.
 */
export async function writeLoader(
  transaction: Transaction,
  change: { readonly order: readonly DeploymentRecord[]; readonly tries: number | undefined },
): Promise<void> {
  const { host, sysroot } = transaction;
  const bootloader = readBootloader(transaction);
  if (bootloader === undefined) return;
  const store = openStore(host, storePath(sysroot));
  const entries = entriesOf(host, store, { bootloader, order: change.order });
  await changeLoader(transaction, bootloader, loader => {
    refuseWithoutSpace(loader, entries);
    loader.write(entries, change.tries);
  });
}

/**
 * Refuses a deployment whose kernel the boot partition has no room for, also once it is rid of kernels that no deployment needs:
 * NO_SPACE says how much is missing. And one that is not to be booted as this sysroot is: HOST_UNSUPPORTED.
 */
export async function checkBootSpace(at: Sysroot, record: DeploymentRecord): Promise<void> {
  const { host, sysroot } = at;
  const bootloader = readBootloader(at);
  if (bootloader === undefined) return;
  const store = openStore(host, storePath(sysroot));
  const booted = listDeployments(at).filter(one => one.booted);
  const entries = entriesOf(host, store, { bootloader, order: [record, ...booted] });
  await withLoader(at, bootloader, loader => refuseWithoutSpace(loader, entries));
}

/** Gives `action` the boot loader to look at. It may see what another sysroot is changing, in the steps that a crash leaves as well. */
function withLoader<T>(at: Sysroot, bootloader: Bootloader, action: (loader: Loader) => T): Promise<T> {
  return withBootDirectory(at, bootloader, directory => action(loaderIn(at, bootloader, directory)));
}

/** The same to change it, by one at a time. */
function changeLoader<T>(
  transaction: Transaction,
  bootloader: Bootloader,
  action: (loader: Loader) => T,
): Promise<T> {
  return changeBootDirectory(transaction, bootloader, directory =>
    action(loaderIn(transaction, bootloader, directory)),
  );
}

function loaderIn({ host }: Sysroot, { loader }: Bootloader, { path, prefix }: BootDirectory): Loader {
  return openLoader(host.sys, loader, path, { bootPrefix: prefix });
}

function refuseWithoutSpace(loader: Loader, entries: readonly LoaderEntry[]): void {
  const { missingAfterPruning } = loader.space(entries);
  if (missingAfterPruning > 0)
    throw new AptLayerError(
      'NO_SPACE',
      `the boot partition lacks ${Math.ceil(missingAfterPruning / 2 ** 20)} MiB for the kernels of ${entries.length} deployments`,
      {
        hint: 'remove old deployments with `apt-layer cleanup --keep 1`, or foreign files from the boot partition',
      },
    );
}

/** Refuses to go on where the boot directory cannot be had: NOT_FOUND says which partition is not there. Minutes of work would end so. */
export async function assertBootDirectory(at: Sysroot): Promise<void> {
  await readLoader(at);
}

/** What the boot loader has now; undefined where there is none. */
export async function readLoader(
  at: Sysroot,
): Promise<{ readonly bootloader: Bootloader; readonly state: LoaderState } | undefined> {
  const bootloader = readBootloader(at);
  if (bootloader === undefined) return undefined;
  const state = await withLoader(at, bootloader, loader => loader.read());
  return { bootloader, state };
}

/** Takes every entry of the sysroot from the boot loader: nothing boots it any more. */
export async function clearLoader(transaction: Transaction): Promise<void> {
  const bootloader = readBootloader(transaction);
  if (bootloader === undefined) return;
  await changeLoader(transaction, bootloader, loader => loader.write([], undefined));
}

/** Tells the loader what the next boot takes, once. It has an entry of it. */
export async function chooseOnce(transaction: Transaction, id: string): Promise<void> {
  const bootloader = readBootloader(transaction);
  if (bootloader !== undefined) await changeLoader(transaction, bootloader, loader => loader.once(id));
}

/** Says to the loader that a deployment came up, so that its attempts are not counted any more. */
export async function confirmLoader(transaction: Transaction, id: string): Promise<void> {
  const bootloader = readBootloader(transaction);
  if (bootloader === undefined) return;
  await changeLoader(transaction, bootloader, loader => loader.confirm(id));
}

/** One entry per deployment that has a kernel. None at all is an error: nothing could be booted any more. */
function entriesOf(
  host: Host,
  store: Store,
  { bootloader, order }: { bootloader: Bootloader; order: readonly DeploymentRecord[] },
): LoaderEntry[] {
  for (const record of order) assertVerity(record, bootloader);
  const entries = order.flatMap(record => {
    const entry = loaderEntry(store, record, bootloader);
    if (entry === undefined)
      log(host.report, 'warning', `${record.id} has no kernel, so that it cannot be booted`);
    return entry ?? [];
  });
  if (entries.length === 0 || entries[0]?.id !== order[0]?.id)
    throw new AptLayerError('FAILED', `${order[0]?.id ?? 'nothing'} has no kernel to boot`, {
      hint: 'layer one: apt-layer layer linux-image-amd64',
    });
  return entries;
}

/** What the boot loader has to know of a deployment; undefined when its image has no kernel. */
export function loaderEntry(
  store: Store,
  record: DeploymentRecord,
  bootloader: Pick<Bootloader, 'arguments' | 'verity'>,
): LoaderEntry | undefined {
  const tree = readImage(store, record.image);
  const found = kernelOf(store, tree);
  if (found === undefined) return undefined;
  return {
    id: record.id,
    title: `${prettyName(store, tree)} (${record.id})`,
    kernel: found.kernel,
    initrd: found.initrd,
    arguments: kernelCommandLine(record, bootloader),
  };
}

/** PRETTY_NAME of os-release(5). */
function prettyName(store: Store, tree: Tree): string {
  const file = lookup(tree, fromText('/usr/lib/os-release'));
  const text = file?.kind === 'file' ? readContent(store, file).toString('utf8') : '';
  const value = /^PRETTY_NAME=(?:"([^"\n]*)"|(.*))$/m.exec(text);
  return value?.[1] ?? value?.[2] ?? 'Linux';
}
