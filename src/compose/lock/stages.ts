import { AptLayerError } from '../../errors/index.ts';
import type { Lock, LockedPackage } from './model.ts';

/** A lock has at most so many stages. */
export const STAGES_MAX = 64;

type Staged = Pick<LockedPackage, 'name' | 'stage'>;

/** The stage of a package, from 1. */
export function stageOf({ stage = 1 }: Pick<LockedPackage, 'stage'>): number {
  return stage;
}

/** Whether packages are in more than the first stage. */
export function hasStages(packages: readonly Pick<LockedPackage, 'stage'>[]): boolean {
  return packages.some(one => stageOf(one) > 1);
}

/** How many stages a lock has; none when it changes nothing in its base. */
export function stageCount({ packages, removed = [] }: Pick<Lock, 'packages' | 'removed'>): number {
  return packages.reduce((highest, one) => Math.max(highest, stageOf(one)), removed.length > 0 ? 1 : 0);
}

/** The lock with all packages in one stage. */
export function inOneStage(lock: Lock): Lock {
  return { ...lock, packages: lock.packages.map(({ stage: _, ...one }) => one) };
}

/** CONFIG_INVALID for stages that are too many, or without a package: only the first one may have nothing but removals from the base. */
export function assertStages(
  packages: readonly Staged[],
  { file, hint, removed = [] }: { file: string; hint: string; removed?: readonly string[] | undefined },
): void {
  const fail = (what: string) => {
    throw new AptLayerError('CONFIG_INVALID', `${file}: ${what}`, { hint, details: { file } });
  };
  if (!hasStages(packages)) return;
  const used = new Set(packages.map(stageOf));
  if (removed.length > 0) used.add(1);
  for (const one of packages) {
    if (stageOf(one) > STAGES_MAX)
      fail(`${one.name} is in stage ${stageOf(one)}; there can be ${STAGES_MAX} at most`);
    const missing = stageOf(one) - 1;
    if (missing > 0 && !used.has(missing))
      fail(`stage ${missing} has no package, and ${one.name} is in stage ${stageOf(one)}`);
  }
}
