export { type AccountIds, accountIds, mergeIds } from './account-ids.ts';
export { finishTree } from './finish.ts';
export { withInitramfs } from './initramfs.ts';
export { restore } from './layout/index.ts';
