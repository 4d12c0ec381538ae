import { AptLayerError } from '../errors/index.ts';
import { log } from '../report/index.ts';
import {
  findRef,
  hasImage,
  listImage,
  listImages,
  listRefs,
  openStore,
  readImageObject,
  setRefs,
  type WritableStore,
} from '../store/index.ts';
import type { Sysroot, Transaction } from '../transaction/index.ts';
import { readDeployments } from './list.ts';
import { DEPLOYMENT_REFS, deploymentRef, KEPT_BASE_REFS, storePath } from './paths.ts';

/**
 * Refuses to take a sysroot without any deployment at its word when its store says that there are some: the state was lost or is not
 * mounted, and what cannot be read is in use. INTEGRITY.
 */
export function refuseWithoutState({ host, sysroot }: Sysroot): void {
  const { deployments, damaged } = readDeployments({ host, sysroot });
  if (deployments.length + damaged.length > 0) return;
  const path = storePath(sysroot);
  if (host.sys.lstatIfExists(`${path}/meta.json`) === undefined) return;
  const store = openStore(host, path);
  const refs = listRefs(store);
  const known = refs.filter(({ name }) => name.startsWith(DEPLOYMENT_REFS)).length;
  if (known === 0 && (refs.length > 0 || listImages(store).length < 2)) return;
  throw new AptLayerError(
    'INTEGRITY',
    `${sysroot}/state has no deployment, but the store has ${known === 0 ? 'images without names' : `the images of ${known}`}: the state could not be read, so nothing is removed`,
    { hint: `put ${sysroot}/state back as it was; if all of it may go, remove ${sysroot}` },
  );
}

/**
 * Makes the refs again that keep the images of deployments, and of the bases they were built on, where they were lost: the records of
 * deployments say which images are in use as well as refs do. False when it is not known of each deployment what it uses, so that nothing may be taken
 * from the store.
 */
export function restoreRefs(transaction: Transaction, store: WritableStore): boolean {
  const { report } = transaction.host;
  const { deployments, damaged } = readDeployments(transaction);
  const named = new Set(listRefs(store).map(ref => ref.image));
  const unknown = damaged.filter(({ isDeployment, id }) => isDeployment && !hasRef(store, id));
  const lost = deployments.filter(({ id }) => !hasRef(store, id));
  const refs = lost.map(({ id, image }) => ({ name: deploymentRef(id), image }));
  for (const { base } of deployments)
    if (base !== undefined && !named.has(base.digest) && isThere(store, base.digest))
      refs.push({ name: `${KEPT_BASE_REFS}found/${base.digest}`, image: base.digest });
  const missing = refs.filter(({ image }) => !isThere(store, image));
  const found = refs.filter(ref => !missing.includes(ref));
  for (const { image } of found) if (!hasImage(store, image)) listImage(store, image);
  if (found.length > 0) {
    setRefs(store, found);
    log(
      report,
      'warning',
      `names of images that were lost are there again: ${found.map(one => one.name).join(', ')}`,
    );
  }
  const open = [...unknown.map(one => one.id), ...missing.map(one => one.name)];
  if (open.length > 0)
    log(
      report,
      'warning',
      `nothing is taken from the store: it is not known what ${open.join(', ')} uses (see \`apt-layer fsck\`)`,
    );
  return open.length === 0;
}

function hasRef(store: WritableStore, id: string): boolean {
  try {
    return findRef(store, deploymentRef(id)) !== undefined;
  } catch (error) {
    // No name that a ref could have.
    if (error instanceof AptLayerError && error.code === 'USAGE') return true;
    throw error;
  }
}

/** Whether the object of an image is in the store, with the bytes that it should have. */
function isThere(store: WritableStore, image: string): boolean {
  try {
    readImageObject(store, image);
    return true;
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    return false;
  }
}
