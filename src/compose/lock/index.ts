export { diffLocks, type LockDiff, type VersionChange } from './diff.ts';
export { inLockOrder, lockedKey, parseLock, serializeLock } from './lock-file.ts';
export { lockedAt } from './locked-at.ts';
export type { Lock, LockedBase, LockedPackage } from './model.ts';
