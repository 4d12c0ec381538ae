import { openBootDriver } from '../boot/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { Transaction } from '../transaction/index.ts';
import { listDeployments } from './list.ts';
import type { Deployment } from './model.ts';
import { movedToFront } from './order.ts';
import { positions } from './positions.ts';
import { selectAmong } from './select.ts';

export interface Switched {
  /** What the next boot takes now, and took before. */
  readonly now: Deployment;
  readonly before: Deployment;
  /** False when it was first already, and nothing was written. */
  readonly changed: boolean;
}

/** Makes the deployment that `wanted` selects the default, in one durable step. */
export function deploy(transaction: Transaction, wanted: string): Switched {
  const deployments = listDeployments(transaction.host, transaction.sysroot);
  return switchTo(transaction, deployments, selectAmong(deployments, wanted));
}

/** Makes the previous deployment the default; twice in a row undoes it. NOT_FOUND when there is none. */
export function rollback(transaction: Transaction): Switched {
  const deployments = listDeployments(transaction.host, transaction.sysroot);
  const target = positions(deployments).rollback;
  if (target === undefined)
    throw new AptLayerError('NOT_FOUND', 'there is no deployment to roll back to', {
      hint: 'see `apt-layer status`',
    });
  return switchTo(transaction, deployments, target);
}

function switchTo(
  transaction: Transaction,
  deployments: readonly Deployment[],
  target: Deployment,
): Switched {
  const before = deployments[0] ?? target;
  if (before.id === target.id) return { now: target, before, changed: false };
  const order = movedToFront(
    deployments.map(one => one.id),
    target.id,
  );
  transaction.checkpoint();
  transaction.step('order', { order });
  openBootDriver(transaction.host, transaction.sysroot).writeOrder(order);
  return { now: { ...target, index: 0 }, before, changed: true };
}
