export type { PackageRoute } from './build/index.ts';
export {
  analyseScripts,
  type ChangeOptions,
  type ChangeResult,
  changeSystem,
  checkReproducible,
  editSystem,
  lintFile,
  listOverrides,
  type OverrideState,
  type ReproducibleResult,
  readSpecFile,
  type ScriptsResult,
  writeLock,
} from './change/index.ts';
export { type Explanation, explainPackage } from './explain/index.ts';
export type { LintFinding } from './lint/index.ts';
export type { Lock } from './lock/index.ts';
export {
  type ChangedPackage,
  changelogOf,
  comparePackages,
  imageRecords,
  type PackageComparison,
  recordsIn,
  type SinglePackage,
} from './packages/index.ts';
export { debChoice, type SpecEdit, specJsonSchema, versionChoice } from './spec/index.ts';
