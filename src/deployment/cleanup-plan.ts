import type { Deployment } from './model.ts';
import { positions } from './positions.ts';

export interface CleanupPlan {
  readonly removed: readonly Deployment[];
  readonly kept: readonly Deployment[];
}

/**
 * Which deployments a cleanup may take: not the default, the booted one, the one to roll back to, a staged or a pinned
 * one, nor the first `keep` in boot order, nor any that was made after `newerThan` (seconds since the epoch).
 */
export function planCleanup(
  deployments: readonly Deployment[],
  keep: number,
  newerThan = Number.POSITIVE_INFINITY,
): CleanupPlan {
  const { booted, rollback } = positions(deployments);
  const afterBooted = booted === undefined ? undefined : deployments[booted.index + 1];
  const isKept = (one: Deployment) =>
    one.index === 0 ||
    one.index < keep ||
    one.createdSeconds > newerThan ||
    one.pinned ||
    one.staged ||
    one.booted ||
    one === rollback ||
    one === afterBooted;
  return {
    kept: deployments.filter(isKept),
    removed: deployments.filter(one => !isKept(one)),
  };
}
