import { errnoOf } from '../errors/index.ts';
import { syncDirectory, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { Sysroot, Transaction } from '../transaction/index.ts';
import type { Deployment } from './model.ts';
import { deploymentPath, pinPath } from './paths.ts';
import { selectDeployment } from './select.ts';

export interface Pinned {
  readonly deployment: Deployment;
  /** False when it is so already. */
  readonly changed: boolean;
}

/** What `setPinned` would do. */
export function planPinned(at: Sysroot, change: { id: string; pinned: boolean }): Pinned {
  const found = selectDeployment(at, change.id);
  return {
    deployment: { ...found, pinned: change.pinned },
    changed: found.pinned !== change.pinned,
  };
}

/** Pins the deployment that `id` selects, so that no cleanup removes it, or lets go of it. Durable. */
export function setPinned(transaction: Transaction, change: { id: string; pinned: boolean }): Pinned {
  const { host, sysroot } = transaction;
  const plan = planPinned(transaction, change);
  const directory = deploymentPath(sysroot, plan.deployment.id);
  if (!plan.changed) return plan;
  if (change.pinned) writeFileDurable(host.sys, pinPath(directory), '');
  else unpin(host.sys, directory);
  return plan;
}

function unpin(sys: Host['sys'], directory: string): void {
  try {
    sys.unlink(pinPath(directory));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  syncDirectory(sys, directory);
}
