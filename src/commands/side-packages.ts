import { imageRecords, type Records } from '../compose/index.ts';
import { type Deployment, recordedPackages } from '../deployment/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import type { OpenStore, Side } from './diff-sides.ts';

/** The packages of a side: of a deployment without root, of another image from the store. */
export function packagesOfSide(
  on: Sysroot & { readonly deployments: readonly Deployment[] },
  store: OpenStore,
  { id, image }: Side,
): Records {
  const deployment = on.deployments.find(one => one.id === id);
  return deployment === undefined ? imageRecords(store(), image) : recordedPackages(on, deployment);
}
