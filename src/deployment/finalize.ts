import { readBootloader } from '../boot/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { removeLeftover, syncDirectory, syncFileSystem, temporaryBeside } from '../fs/index.ts';
import { step } from '../report/index.ts';
import { openStore, readImage } from '../store/index.ts';
import { statePaths, type Transaction } from '../transaction/index.ts';
import { orderWithFirst, setBootOrder } from './boot-order.ts';
import { mergeContinuedEtc, renumbersAccounts } from './continued-etc.ts';
import { prepareEtc } from './etc.ts';
import type { EtcVerdict } from './etc-merge/index.ts';
import { tellJournal } from './events.ts';
import { listDeployments } from './list.ts';
import type { Deployment } from './model.ts';
import { deploymentPath, etcPath, storePath } from './paths.ts';
import { ifReadable } from './readable.ts';
import { clearStaged, readStaged, writeStaged } from './staged.ts';
import { seedVar } from './var.ts';
import { assertVerity } from './verity-policy.ts';

/** What finalizing did; `deployment` is null when nothing was staged. */
export interface Finalized {
  readonly deployment: string | null;
  /** What became of files of /etc that are not simply as they were. */
  readonly etc: readonly EtcVerdict[];
}

/**
 * Gives the staged deployment its /etc (the running one's changes, merged into the new image's), what /var lacks, its kernel and its boot
 * entry. Repeatable: each step is done aside and appears in one rename, the boot entry last. `keep`: it stays staged, so that finalizing
 * at shutdown brings what changed in /etc until then. When it fails, `state/staged.json` says why.
 */
export async function finalize(transaction: Transaction, options: { keep: boolean }): Promise<Finalized> {
  const { host } = transaction;
  const staged = ifReadable(transaction, readStaged);
  const deployments = listDeployments(transaction);
  const target = deployments.find(one => one.staged);
  if (staged === undefined || target === undefined) {
    clearStaged(transaction);
    return { deployment: null, etc: [] };
  }
  if (target.booted) {
    // Power failed after the boot entry was written: it is what runs now.
    clearStaged(transaction);
    return { deployment: target.id, etc: [] };
  }
  try {
    const bootloader = readBootloader(transaction);
    if (bootloader !== undefined) assertVerity(target, bootloader);
    // At shutdown this goes to the console, where nothing else says why the machine is still on.
    const what = `Finalizing ${target.id}: do not switch the machine off`;
    const etc = await step(host.report, 'finalize', what, () => finalizeDeployment(transaction, target));
    const order = orderWithFirst(transaction, target.id);
    transaction.step('order', { order: order.ids });
    await setBootOrder(transaction, order);
    if (options.keep) writeStaged(transaction, { deployment: target.id, failure: undefined });
    else clearStaged(transaction);
    const message = `${target.id} is what the next boot takes`;
    await tellJournal(host, 'finalized', { deployment: target.id, message });
    return { deployment: target.id, etc };
  } catch (error) {
    const failure = failureText(error as Error);
    writeStaged(transaction, { deployment: target.id, failure });
    const message = `${target.id} could not be finalized: ${failure}`;
    await tellJournal(host, 'finalizeFailed', { deployment: target.id, message });
    throw error;
  }
}

/** What `status` says until it works: also what to do, as nobody sees this error. */
function failureText(error: Error): string {
  const hint = error instanceof AptLayerError ? error.hint : undefined;
  return hint === undefined ? error.message : `${error.message}; ${hint}`;
}

async function finalizeDeployment(
  transaction: Transaction,
  target: Deployment,
): Promise<readonly EtcVerdict[]> {
  const { host, sysroot } = transaction;
  const { deployments } = statePaths(sysroot);
  const store = openStore(host, storePath(sysroot));
  const tree = readImage(store, target.image);
  transaction.step('finalize', { deployment: target.id });
  const aside = temporaryBeside(`${deployments}/etc`);
  const merged = await mergeContinuedEtc(transaction, {
    name: target.name,
    image: tree,
    target: aside,
    renumberAccounts: renumbersAccounts(transaction, target.id),
  });
  if (merged === undefined) await prepareEtc(host, store, { tree, path: aside });
  await seedVar(host, store, { tree, sysroot, name: target.name });
  syncFileSystem(host.sys, deployments);
  const etc = etcPath(sysroot, target.id);
  if (host.sys.lstatIfExists(etc) === undefined) host.sys.renameNoReplace(aside, etc);
  else host.sys.exchange(aside, etc);
  syncDirectory(host.sys, deploymentPath(sysroot, target.id));
  removeLeftover(host, aside);
  return merged?.verdicts ?? [];
}
