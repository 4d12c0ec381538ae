export {
  type FoundPackage,
  type RefreshResult,
  refreshSources,
  type SourceReport,
  searchArchive,
} from './archive/index.ts';
export type { PackageRoute } from './build/index.ts';
export {
  analyseScripts,
  automaticUpdates,
  type BuiltBase,
  buildBase,
  type ChangeOptions,
  type ChangeResult,
  changeSystem,
  checkReproducible,
  currentSpec,
  editSystem,
  editText,
  type Incoming,
  type KeptPackage,
  lintFile,
  listOverrides,
  type MissedUpdate,
  type OverrideState,
  previewUpgrade,
  type ReproducibleResult,
  readRetention,
  readSpecFile,
  redeploySystem,
  type ScriptsResult,
  specFileText,
  type UpgradeOptions,
  type UpgradePreview,
  type UpgradeResult,
  upgradeSystem,
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
  type Records,
  recordsIn,
  type SinglePackage,
} from './packages/index.ts';
export { explainPolicy } from './policy/index.ts';
export { publicOrigin, writeRecords } from './public/index.ts';
export { inventoryOf } from './sbom/index.ts';
export {
  checkBuildArgument,
  debChoice,
  editSpec,
  type KernelArgumentsEdit,
  type SpecEdit,
  specJsonSchema,
  specText,
  versionChoice,
} from './spec/index.ts';
export {
  type Assessed,
  type AssessedSystem,
  assessSystems,
  type DataOptions,
  requestersIn,
  statementsIn,
  systemOfDeployment,
  systemOfImage,
  type VulnerabilityChange,
  type VulnerabilityCounts,
  vexFilesOf,
  vulnerabilityCounts,
} from './vulnerabilities/index.ts';
