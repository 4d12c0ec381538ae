import type { Deployment } from './model.ts';

/** The deployments with a role, as far as there are any. */
export interface Positions {
  readonly booted: Deployment | undefined;
  /** Written, but made the default only at shutdown. */
  readonly staged: Deployment | undefined;
  /** What the next boot takes, when that is not what runs now. */
  readonly pending: Deployment | undefined;
  /** What `rollback` makes the default. */
  readonly rollback: Deployment | undefined;
}

/**
 * The roles in a list in boot order. As in rpm-ostree, the rollback is the deployment after the booted one; while
 * another is pending, rolling back means staying with the booted one. Where nothing is booted, index 0 counts as it.
 */
export function positions(deployments: readonly Deployment[]): Positions {
  const booted = deployments.find(one => one.booted);
  const first = deployments[0];
  const pending = first === booted ? undefined : first;
  return {
    booted,
    staged: deployments.find(one => one.staged),
    pending,
    rollback: pending !== undefined && booted !== undefined ? booted : deployments[1],
  };
}
