export { withBootLock } from './boot-lock.ts';
export { type Booted, readBooted } from './booted.ts';
export {
  type Bootloader,
  closeBootloader,
  readBootloader,
  removeBootloader,
  writeBootloader,
} from './bootloader-file.ts';
export { type BootDirectory, changeBootDirectory, withBootDirectory } from './directory.ts';
export {
  type Loader,
  type LoaderEntry,
  type LoaderState,
  openLoader,
} from './loader/index.ts';
export { readBootOrder, writeBootOrder } from './order.ts';
export { isOwnArgument } from './own-argument.ts';
export { publicArgument } from './public-argument.ts';
export { runningArguments } from './running-arguments.ts';
