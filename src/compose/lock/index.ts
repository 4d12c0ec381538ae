export { diffLocks, type LockDiff, type VersionChange } from './diff.ts';
export { type KeptStages, withKeptStages, withStagesOf } from './kept-stages.ts';
export { inLockOrder, lockedKey, parseLock, serializeLock } from './lock-file.ts';
export { lockedAt } from './locked-at.ts';
export type { Lock, LockedBase, LockedPackage } from './model.ts';
export { hasStages, inOneStage, stageCount, stageOf } from './stages.ts';
