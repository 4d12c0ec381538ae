import { errnoOf } from '../errors/index.ts';
import { syncDirectory, writeFileDurable } from '../fs/index.ts';
import type { Transaction } from '../transaction/index.ts';
import type { Deployment } from './model.ts';
import { deploymentPath, pinPath } from './paths.ts';
import { selectDeployment } from './select.ts';

export interface Pinned {
  readonly deployment: Deployment;
  /** False when it was so already. */
  readonly changed: boolean;
}

/** Pins the deployment that `wanted` selects, so that no cleanup removes it, or lets go of it. Durable. */
export function setPinned(transaction: Transaction, wanted: string, pinned: boolean): Pinned {
  const { host, sysroot } = transaction;
  const found = selectDeployment(host, sysroot, wanted);
  const deployment = { ...found, pinned };
  if (found.pinned === pinned) return { deployment, changed: false };
  const directory = deploymentPath(sysroot, found.id);
  if (pinned) writeFileDurable(host.sys, pinPath(directory), '');
  else unpin(host.sys, directory);
  return { deployment, changed: true };
}

function unpin(sys: Transaction['host']['sys'], directory: string): void {
  try {
    sys.unlink(pinPath(directory));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  syncDirectory(sys, directory);
}
