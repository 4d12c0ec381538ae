import { lockedKey } from './lock-file.ts';
import type { Lock, LockedPackage } from './model.ts';
import { inOneStage, STAGES_MAX, stageCount, stageOf } from './stages.ts';

/** A lock whose first stages are those of one before. */
export interface KeptStages {
  readonly lock: Lock;
  /** How many stages stay as they were. */
  readonly kept: number;
  /** Why the first of those that do not stay is made anew; undefined where all stay. */
  readonly because:
    | { readonly package: string; readonly stage: number; readonly isGone: boolean }
    | undefined;
}

/**
 * Puts the packages of `after` into stages: those of the longest row of stages of `before` that has lost none and changed none stay in them, all
 * others are one more. With another base, or other removals from it, all are in one.
 */
export function withKeptStages(before: Lock, after: Lock): KeptStages {
  const now = new Map(after.packages.map(one => [lockedKey(one), one]));
  const isSame = (one: LockedPackage) => now.get(lockedKey(one))?.sha256 === one.sha256;
  const touched = before.packages.filter(one => !isSame(one));
  const [first] = touched.toSorted((a, b) => stageOf(a) - stageOf(b));
  const sameBase =
    before.base.digest === after.base.digest &&
    JSON.stringify(before.removed ?? []) === JSON.stringify(after.removed ?? []);
  const count = stageCount(before);
  const kept = sameBase ? (first === undefined ? count : stageOf(first) - 1) : 0;
  const because =
    first === undefined || kept === count
      ? undefined
      : { package: first.name, stage: stageOf(first), isGone: !now.has(lockedKey(first)) };
  const places = new Map(before.packages.map(one => [lockedKey(one), stageOf(one)]));
  const packages = after.packages.map(({ stage: _, ...one }): LockedPackage => {
    const place = places.get(lockedKey(one)) ?? Number.POSITIVE_INFINITY;
    const stage = place <= kept ? place : kept + 1;
    return stage === 1 ? one : { ...one, stage };
  });
  const lock = { ...after, packages };
  if (stageCount(lock) > STAGES_MAX) return { lock: inOneStage(after), kept: 0, because: undefined };
  return { lock, kept, because };
}

/** The lock with the stages of `before` where it has the same packages on the same base; else undefined. */
export function withStagesOf(before: Lock, lock: Lock): Lock | undefined {
  const { lock: staged, kept } = withKeptStages(before, lock);
  const isSame = kept === stageCount(before) && before.packages.length === lock.packages.length;
  return isSame ? staged : undefined;
}
