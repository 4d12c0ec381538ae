import { fromText } from '../formats/bytes/index.ts';
import { lookup, lookupDirectory, type Tree } from '../formats/tree/index.ts';
import { isDirectory, removeTree, syncDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { INITRAMFS_REFS, keptInitramfs } from '../layer/index.ts';
import {
  deleteRef,
  ensureStore,
  listRefs,
  type Pruned,
  prune,
  type Ref,
  readImage,
  type WritableStore,
} from '../store/index.ts';
import { statePaths, type Transaction } from '../transaction/index.ts';
import { setBootOrder } from './boot-order.ts';
import { type CleanupPlan, planCleanup } from './cleanup-plan.ts';
import { listDeployments } from './list.ts';
import type { Deployment } from './model.ts';
import { readOrigin } from './origin.ts';
import {
  BUILD_REFS,
  deploymentPath,
  deploymentRef,
  KEPT_BASE_REFS,
  PACKAGE_REFS,
  storePath,
} from './paths.ts';

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
 * Removes deployments that nothing protects, build results and imported packages that no deployment uses, and then everything in the store
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

/** Build results, bases and initramfs images that no deployment has, and imported packages that no lock names. A lock that cannot be read is an error. */
function unusedRefs(
  host: Host,
  sysroot: string,
  { store, kept }: { store: WritableStore; kept: readonly Deployment[] },
): string[] {
  const images = new Set(kept.map(one => one.image));
  const packages = new Set(
    kept.flatMap(one => readOrigin(host, sysroot, one.id).lockText.match(/[0-9a-f]{64}/g) ?? []),
  );
  const builds = listRefs(store, BUILD_REFS).filter(ref => !images.has(ref.image));
  const debs = listRefs(store, PACKAGE_REFS).filter(
    ref => !packages.has(ref.name.slice(PACKAGE_REFS.length)),
  );
  const bases = listRefs(store, KEPT_BASE_REFS).filter(
    ref => !kept.some(one => one.base?.digest === ref.image),
  );
  return [...builds, ...debs, ...bases, ...unusedInitramfs(store, kept)].map(ref => ref.name);
}

/** Kept initramfs images that are in no image of a deployment. */
function unusedInitramfs(store: WritableStore, kept: readonly Deployment[]): Ref[] {
  const refs = listRefs(store, INITRAMFS_REFS);
  if (refs.length === 0) return [];
  const used = new Set(kept.flatMap(one => initramfsObjects(readImage(store, one.image))));
  return refs.filter(ref => !used.has(keptInitramfs(readImage(store, ref.image))));
}

function initramfsObjects(tree: Tree): (string | undefined)[] {
  const modules = lookupDirectory(tree, fromText('/usr/lib/modules'));
  return [...(modules?.entries.keys() ?? [])].map(version => {
    const file = lookup(tree, fromText(`/usr/lib/modules/${version}/initrd.img`));
    return file?.kind === 'file' && file.content.kind === 'object' ? file.content.digest : undefined;
  });
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
