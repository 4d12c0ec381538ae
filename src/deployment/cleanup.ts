import { isDirectory, removeTree, syncDirectory } from '../fs/index.ts';
import {
  deleteRef,
  openStore,
  type Pruned,
  prune,
  type Store,
  unreachable,
  type WritableStore,
  writableStore,
} from '../store/index.ts';
import { type Sysroot, statePaths, type Transaction } from '../transaction/index.ts';
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
export function hasStore({ host, sysroot }: Sysroot): boolean {
  return isDirectory(host.sys, storePath(sysroot));
}

/** What `cleanup` would do. Changes nothing. */
export function previewCleanup(at: Sysroot, keep = KEEP_DEFAULT): Cleanup {
  const { host, sysroot } = at;
  const plan = planCleanup(listDeployments(at), keep);
  if (!hasStore(at)) return { ...plan, refs: [], pruned: { objects: 0, images: 0, bytes: 0 } };
  const store = openStore(host, storePath(sysroot));
  const refs = unusedRefs(at, { store, kept: plan.kept });
  const without = new Set([...refs, ...plan.removed.map(one => deploymentRef(one.id))]);
  return { ...plan, refs, pruned: unreachable(store, without) };
}

/**
 * Removes deployments that nothing protects, build results, imported packages and inputs that no deployment uses, and then everything in the store
 * that no ref reaches. Base images with a name stay. A crash leaves each deployment whole or gone, and never a name without what it
 * names: the order forgets it first, then it loses its directory, its ref, and last its objects.
 */
export function cleanup(transaction: Transaction, keep = KEEP_DEFAULT): Promise<Cleanup> {
  return cleanupBy(transaction, deployments => planCleanup(deployments, keep));
}

/** The same by another plan. */
export async function cleanupBy(
  transaction: Transaction,
  planOf: (deployments: readonly Deployment[]) => CleanupPlan,
): Promise<Cleanup> {
  const plan = planOf(listDeployments(transaction));
  const store = writableStore(transaction);
  const refs = unusedRefs(transaction, { store, kept: plan.kept });
  transaction.checkpoint();
  if (plan.removed.length > 0) {
    transaction.step('cleanup', { removed: plan.removed.map(one => one.id) });
    await removeDeployments(transaction, { store, ...plan });
  }
  for (const name of refs) deleteRef(store, name);
  return { ...plan, refs, pruned: prune(store) };
}

/** Refs of parts that no deployment needs. A lock that cannot be read is an error. */
function unusedRefs(at: Sysroot, { store, kept }: { store: Store; kept: readonly Deployment[] }): string[] {
  const refs = partRefs(store);
  const needing = kept.map(deployment => ({
    deployment,
    lockText: readOrigin(at, deployment.id).lockText,
  }));
  const needed = new Set(neededRefs(store, refs, needing));
  return refs.filter(ref => !needed.has(ref)).map(ref => ref.name);
}

async function removeDeployments(
  transaction: Transaction,
  plan: CleanupPlan & { readonly store: WritableStore },
): Promise<void> {
  const { host, sysroot } = transaction;
  const { sys } = host;
  const { deployments } = statePaths(sysroot);
  const aside = (id: string) => `${deployments}/.tmp-${id}`;
  await setBootOrder(transaction, { ids: plan.kept.filter(one => one.finalized).map(one => one.id) });
  for (const { id } of plan.removed) sys.rename(deploymentPath(sysroot, id), aside(id));
  syncDirectory(sys, deployments);
  for (const { id } of plan.removed) deleteRef(plan.store, deploymentRef(id));
  for (const { id } of plan.removed) removeTree(sys, aside(id));
}
