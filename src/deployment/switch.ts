import { openBootDriver } from '../boot/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import type { Transaction } from '../transaction/index.ts';
import { listDeployments } from './list.ts';
import type { Deployment } from './model.ts';
import { movedToFront } from './order.ts';
import { positions } from './positions.ts';
import { selectAmong } from './select.ts';

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
export function planDeploy(host: Host, sysroot: string, wanted: string): Switch {
  const deployments = listDeployments(host, sysroot);
  return switchTo(deployments, selectAmong(deployments, wanted));
}

/** What going back to the previous deployment would mean; twice in a row undoes it. NOT_FOUND when there is none. */
export function planRollback(host: Host, sysroot: string): Switch {
  const deployments = listDeployments(host, sysroot);
  const target = positions(deployments).rollback;
  if (target === undefined)
    throw new AptLayerError('NOT_FOUND', 'there is no deployment to roll back to', {
      hint: 'see `apt-layer status`',
    });
  return switchTo(deployments, target);
}

function switchTo(deployments: readonly Deployment[], target: Deployment): Switch {
  const before = deployments[0] ?? target;
  const ids = deployments.map(one => one.id);
  return {
    now: { ...target, index: 0 },
    before,
    changed: before.id !== target.id,
    order: movedToFront(ids, target.id),
  };
}

/** Does what was planned under the same lock, in one durable step. */
export function applySwitch(transaction: Transaction, plan: Switch): void {
  if (!plan.changed) return;
  const { order } = plan;
  transaction.checkpoint();
  transaction.step('order', { order });
  openBootDriver(transaction.host, transaction.sysroot).writeOrder(order);
}
