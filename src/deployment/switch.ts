import { readBooted } from '../boot/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { Sysroot, Transaction } from '../transaction/index.ts';
import { setBootOrder } from './boot-order.ts';
import { listDeployments } from './list.ts';
import { BOOT_TRIES } from './loader.ts';
import type { Deployment } from './model.ts';
import { movedToFront } from './order.ts';
import { confirmedPath, deploymentPath } from './paths.ts';
import { positions } from './positions.ts';
import { ifReadable } from './readable.ts';
import { clearRebootRequired, noteRebootRequired } from './reboot-required.ts';
import { selectAmong } from './select.ts';
import { clearStaged, readStaged, removeUnfinalized } from './staged.ts';

/** Another default. */
export interface Switch {
  /** What the next boot takes after it, and before. */
  readonly now: Deployment;
  readonly before: Deployment;
  /** False when both are the same, so that there is nothing to do. */
  readonly changed: boolean;
  /** All deployments in their new order. */
  readonly order: readonly string[];
}

/** What making the deployment that `wanted` selects the default would mean. */
export function planDeploy(at: Sysroot, wanted: string): Switch {
  const deployments = listDeployments(at);
  return switchTo(deployments, selectAmong(deployments, wanted));
}

/** What going back to the previous deployment would mean; twice in a row undoes it. NOT_FOUND when there is none. */
export function planRollback(at: Sysroot): Switch {
  const deployments = listDeployments(at);
  const target = positions(deployments).rollback;
  if (target === undefined)
    throw new AptLayerError('NOT_FOUND', 'there is no deployment to roll back to', {
      hint: 'see `apt-layer status`',
    });
  return switchTo(deployments, target);
}

/** What dropping the staged deployment would mean: the booted one stays. NOT_FOUND when none is staged. */
export function planUnstage(at: Sysroot): Switch {
  const deployments = listDeployments(at);
  selectAmong(deployments, 'staged');
  return switchTo(deployments, selectAmong(deployments, 'booted'));
}

function switchTo(deployments: readonly Deployment[], target: Deployment): Switch {
  const before = deployments[0] ?? target;
  // What is not finalized cannot be booted, and goes when something else is wanted.
  const ids = deployments.filter(one => one.finalized).map(one => one.id);
  return {
    now: { ...target, index: 0 },
    before,
    changed: before.id !== target.id,
    order: movedToFront(ids, target.id),
  };
}

/** What runs now, or came up well before, needs no trial; anything else has counted attempts as a new one has, when there is one to go back to. */
function attempts({ host, sysroot }: Sysroot, { now, order }: Switch): { readonly tries?: number } {
  const known = host.sys.lstatIfExists(confirmedPath(deploymentPath(sysroot, now.id))) !== undefined;
  return now.booted || known || order.length === 1 ? {} : { tries: BOOT_TRIES };
}

/** Does what was planned under the same lock, in one durable step. What was staged and is not wanted any more goes. */
export async function applySwitch(transaction: Transaction, plan: Switch): Promise<void> {
  if (!plan.changed) return;
  const { host } = transaction;
  transaction.checkpoint();
  transaction.step('order', { order: plan.order });
  const staged = ifReadable(transaction, readStaged);
  await setBootOrder(transaction, { ids: plan.order, ...attempts(transaction, plan) });
  const booted = readBooted(transaction);
  if (booted !== undefined) {
    if (plan.now.id === booted.deployment) clearRebootRequired(host);
    else noteRebootRequired(transaction, plan.now.id);
  }
  if (staged === undefined) return;
  clearStaged(transaction);
  removeUnfinalized(transaction, staged.deployment);
}
