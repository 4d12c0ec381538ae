export { type AccountIds, accountIds, mergeIds } from './account-ids.ts';
export { clampTimes } from './clamp-times.ts';
export { finishTree } from './finish.ts';
export { INITRAMFS_REFS, keptInitramfs, withInitramfs } from './initramfs/index.ts';
export { restore } from './layout/index.ts';
