export type { PackageRoute } from './build/index.ts';
export {
  type ChangeOptions,
  type ChangeResult,
  changeSystem,
  editSystem,
  readSpecFile,
  writeLock,
} from './change/index.ts';
export type { Lock } from './lock/index.ts';
export { specJsonSchema } from './spec/index.ts';
