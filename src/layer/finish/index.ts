export { type AccountIds, accountIds, mergeIds } from './account-ids.ts';
export { clampTimes } from './clamp-times.ts';
export { assertModulesBuilt } from './dkms.ts';
export { finishTree, strippedTree, withoutSecrets } from './finish.ts';
export { INITRAMFS_REFS, initramfsMaker, keptInitramfs, withInitramfs } from './initramfs/index.ts';
export { kernelVersions } from './kernels.ts';
export {
  contentLinks,
  IMAGE_STATE,
  MACHINE_DIRECTORIES,
  OWNED,
  type Owned,
  restore,
} from './layout/index.ts';
export { SECRET_PATHS } from './secrets.ts';
