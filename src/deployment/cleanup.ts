import { openBootDriver } from '../boot/index.ts';
import { isDirectory, removeTree, syncDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { deleteRef, ensureStore, listRefs, type Pruned, prune, type WritableStore } from '../store/index.ts';
import { statePaths, type Transaction } from '../transaction/index.ts';
import { planCleanup } from './cleanup-plan.ts';
import { listDeployments } from './list.ts';
import type { Deployment } from './model.ts';
import { BUILD_REFS, deploymentPath, deploymentRef, storePath } from './paths.ts';

export interface CleanupOptions {
  /** How many deployments stay at least, in boot order; default 2. */
  readonly keep?: number;
  readonly dryRun?: boolean;
}

export interface Cleanup {
  readonly removed: readonly Deployment[];
  readonly kept: readonly Deployment[];
  /** Refs that went besides those of the deployments. */
  readonly refs: readonly string[];
  readonly pruned: Pruned;
}

/**
 * Removes deployments that nothing protects, build results that no deployment uses, and then everything in the store
 * that no ref reaches. Base images stay. A crash leaves each deployment whole or gone, and never a name without what it
 * names: the order forgets it first, then it loses its directory, its ref, and last its objects.
 */
export function cleanup(transaction: Transaction, options: CleanupOptions = {}): Cleanup {
  const { host, sysroot } = transaction;
  const plan = planCleanup(listDeployments(host, sysroot), options.keep ?? 2);
  const path = storePath(sysroot);
  if (!isDirectory(host.sys, path)) return { ...plan, refs: [], pruned: { objects: 0, images: 0, bytes: 0 } };
  const store = ensureStore(host, path);
  const refs = unusedBuilds(store, plan.kept);
  if (options.dryRun) {
    const without = new Set([...refs, ...plan.removed.map(one => deploymentRef(one.id))]);
    return { ...plan, refs, pruned: prune(store, { dryRun: true, without }) };
  }
  transaction.checkpoint();
  if (plan.removed.length > 0) {
    transaction.step('cleanup', { removed: plan.removed.map(one => one.id) });
    removeDeployments(host, sysroot, { store, ...plan });
  }
  for (const name of refs) deleteRef(store, name);
  return { ...plan, refs, pruned: prune(store) };
}

function unusedBuilds(store: WritableStore, kept: readonly Deployment[]): string[] {
  const used = new Set(kept.map(one => one.image));
  return listRefs(store, BUILD_REFS)
    .filter(ref => !used.has(ref.image))
    .map(ref => ref.name);
}

function removeDeployments(
  host: Host,
  sysroot: string,
  plan: { store: WritableStore; removed: readonly Deployment[]; kept: readonly Deployment[] },
): void {
  const { sys } = host;
  const { deployments } = statePaths(sysroot);
  const aside = (id: string) => `${deployments}/.tmp-${id}`;
  openBootDriver(host, sysroot).writeOrder(plan.kept.map(one => one.id));
  for (const { id } of plan.removed) sys.rename(deploymentPath(sysroot, id), aside(id));
  syncDirectory(sys, deployments);
  for (const { id } of plan.removed) deleteRef(plan.store, deploymentRef(id));
  for (const { id } of plan.removed) removeTree(sys, aside(id));
}
