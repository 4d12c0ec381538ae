export { diffLocks, type LockDiff } from './diff.ts';
export { lockedKey, parseLock, serializeLock } from './lock-file.ts';
export type { Lock, LockedPackage } from './model.ts';
