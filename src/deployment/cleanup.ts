import { AptLayerError, errnoOf } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import { isDirectory, removeLeftover, retried, syncDirectory } from '../fs/index.ts';
import { log } from '../report/index.ts';
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
import { listDeployments, readDeployments } from './list.ts';
import { refuseWithoutState, restoreRefs } from './lost-refs.ts';
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

const NOTHING: Pruned = { objects: 0, images: 0, bytes: 0 };

/** How many deployments a cleanup leaves in boot order, when it is not told otherwise. */
export const KEEP_DEFAULT = 2;

/** Whether the sysroot has a store, and so anything to clean. */
export function hasStore({ host, sysroot }: Sysroot): boolean {
  return isDirectory(host.sys, storePath(sysroot));
}

/** What `cleanup` would do. Changes nothing. */
export function previewCleanup(at: Sysroot, keep = KEEP_DEFAULT): Cleanup {
  const { host, sysroot } = at;
  refuseWithoutState(at);
  const plan = planCleanup(listDeployments(at), keep);
  if (!hasStore(at)) return { ...plan, refs: [], pruned: NOTHING };
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
  refuseWithoutState(transaction);
  const plan = planOf(listDeployments(transaction));
  const store = writableStore(transaction);
  const isComplete = restoreRefs(transaction, store);
  transaction.checkpoint();
  if (plan.removed.length > 0) transaction.step('cleanup', { removed: plan.removed.map(one => one.id) });
  const removed = plan.removed.length > 0 ? await removeDeployments(transaction, { store, ...plan }) : [];
  const kept = [...plan.kept, ...plan.removed.filter(one => !removed.includes(one))];
  const refs = unusedRefs(transaction, { store, kept });
  for (const name of refs) deleteRef(store, name);
  return { removed, kept, refs, pruned: isComplete ? prune(store) : NOTHING };
}

/** Refs of parts that no deployment needs: none at all while the lock of a deployment cannot be read, since it may need each. */
function unusedRefs(at: Sysroot, { store, kept }: { store: Store; kept: readonly Deployment[] }): string[] {
  const refs = partRefs(store);
  const needing = kept.flatMap(deployment => {
    const lockText = lockTextOf(at, deployment.id);
    return lockText === undefined ? [] : [{ deployment, lockText }];
  });
  const { damaged } = readDeployments(at);
  if (needing.length < kept.length || damaged.length > 0) return [];
  const needed = new Set(neededRefs(at, { store, refs }, needing));
  return refs.filter(ref => !needed.has(ref)).map(ref => ref.name);
}

function lockTextOf(at: Sysroot, id: string): string | undefined {
  try {
    return readOrigin(at, id).lockText;
  } catch (error) {
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    const message = `what ${id} is made of stays, since that cannot be read: ${(error as Error).message}`;
    log(at.host.report, 'warning', message);
    return undefined;
  }
}

/** Resolves to those that are gone. One that cannot be moved out of the way stays, with its image. */
async function removeDeployments(
  transaction: Transaction,
  plan: CleanupPlan & { readonly store: WritableStore },
): Promise<readonly Deployment[]> {
  const { host, sysroot } = transaction;
  const { sys } = host;
  const { deployments } = statePaths(sysroot);
  const aside = (id: string) => `${deployments}/.tmp-${id}`;
  await setBootOrder(transaction, {
    ids: plan.kept.filter(one => one.finalized).map(one => one.id),
  });
  const removed = plan.removed.filter(({ id }) => {
    const path = deploymentPath(sysroot, id);
    try {
      retried(sys, fromText(path), () => sys.rename(path, aside(id)));
      return true;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      log(host.report, 'warning', `${id} could not be removed and stays: ${(error as Error).message}`);
      return false;
    }
  });
  syncDirectory(sys, deployments);
  for (const { id } of removed) deleteRef(plan.store, deploymentRef(id));
  for (const { id } of removed) removeLeftover(host, aside(id));
  return removed;
}
