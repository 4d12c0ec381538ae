import { isDirectory, removeTree, syncDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { deleteRef, ensureStore, type Pruned, prune, type WritableStore } from '../store/index.ts';
import { statePaths, type Transaction } from '../transaction/index.ts';
import { setBootOrder } from './boot-order.ts';
import { type CleanupPlan, planCleanup } from './cleanup-plan.ts';
import { listDeployments } from './list.ts';
import type { Deployment } from './model.ts';
import { neededRefs, partRefs } from './needed-refs.ts';
import { readOrigin } from './origin.ts';
import { deploymentPath, deploymentRef, storePath } from './paths.ts';

/** What a cleanup took, or would take. */
export interface Cleanup extends CleanupPlan {
  /** Refs that go besides those of the deployments. */
  readonly refs: readonly string[];
  readonly pruned: Pruned;
}

/** How many deployments a cleanup leaves in boot order, when it is not told otherwise. */
export const KEEP_DEFAULT = 2;

/** Whether the sysroot has a store, and so anything to clean. */
export function hasStore(host: Host, sysroot: string): boolean {
  return isDirectory(host.sys, storePath(sysroot));
}

/** What `cleanup` would do. Changes nothing. */
export function previewCleanup(host: Host, sysroot: string, keep = KEEP_DEFAULT): Cleanup {
  const plan = planCleanup(listDeployments(host, sysroot), keep);
  if (!hasStore(host, sysroot)) return { ...plan, refs: [], pruned: { objects: 0, images: 0, bytes: 0 } };
  const store = ensureStore(host, storePath(sysroot));
  const refs = unusedRefs(host, sysroot, { store, kept: plan.kept });
  const without = new Set([...refs, ...plan.removed.map(one => deploymentRef(one.id))]);
  return { ...plan, refs, pruned: prune(store, { dryRun: true, without }) };
}

/**
 * Removes deployments that nothing protects, build results, imported packages and inputs that no deployment uses, and then everything in the store
 * that no ref reaches. Base images with a name stay. A crash leaves each deployment whole or gone, and never a name without what it
 * names: the order forgets it first, then it loses its directory, its ref, and last its objects.
 */
export async function cleanup(transaction: Transaction, keep = KEEP_DEFAULT): Promise<Cleanup> {
  const { host, sysroot } = transaction;
  const plan = planCleanup(listDeployments(host, sysroot), keep);
  const store = ensureStore(host, storePath(sysroot));
  const refs = unusedRefs(host, sysroot, { store, kept: plan.kept });
  transaction.checkpoint();
  if (plan.removed.length > 0) {
    transaction.step('cleanup', { removed: plan.removed.map(one => one.id) });
    await removeDeployments(host, sysroot, { store, ...plan });
  }
  for (const name of refs) deleteRef(store, name);
  return { ...plan, refs, pruned: prune(store) };
}

/** Refs of parts that no deployment needs. A lock that cannot be read is an error. */
function unusedRefs(
  host: Host,
  sysroot: string,
  { store, kept }: { store: WritableStore; kept: readonly Deployment[] },
): string[] {
  const refs = partRefs(store);
  const needing = kept.map(deployment => ({
    deployment,
    lockText: readOrigin(host, sysroot, deployment.id).lockText,
  }));
  const needed = new Set(neededRefs(store, refs, needing));
  return refs.filter(ref => !needed.has(ref)).map(ref => ref.name);
}

async function removeDeployments(
  host: Host,
  sysroot: string,
  plan: CleanupPlan & { readonly store: WritableStore },
): Promise<void> {
  const { sys } = host;
  const { deployments } = statePaths(sysroot);
  const aside = (id: string) => `${deployments}/.tmp-${id}`;
  await setBootOrder(host, sysroot, { ids: plan.kept.filter(one => one.finalized).map(one => one.id) });
  for (const { id } of plan.removed) sys.rename(deploymentPath(sysroot, id), aside(id));
  syncDirectory(sys, deployments);
  for (const { id } of plan.removed) deleteRef(plan.store, deploymentRef(id));
  for (const { id } of plan.removed) removeTree(sys, aside(id));
}
