export type { PackageRoute } from './build/index.ts';
export {
  type ChangeOptions,
  type ChangeResult,
  changeSystem,
  checkReproducible,
  editSystem,
  type ReproducibleResult,
  readSpecFile,
  writeLock,
} from './change/index.ts';
export type { Lock } from './lock/index.ts';
export { specJsonSchema } from './spec/index.ts';
