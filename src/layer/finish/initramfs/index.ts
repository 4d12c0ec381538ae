export { INITRAMFS_REFS, keptInitramfs } from './kept.ts';
export { withInitramfs } from './make.ts';
export { initramfsMaker } from './maker.ts';
