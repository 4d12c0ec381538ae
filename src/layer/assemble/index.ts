export { parseAccounts } from './accounts.ts';
export { type ApartPackage, configuredApart } from './apart.ts';
export type { SettledConflict } from './conflicts.ts';
export { type DpkgDatabase, type ReadFile, readDpkgDatabase } from './dpkg-database.ts';
export { essentialPackages } from './essential.ts';
export type { Exclusion } from './excluded.ts';
export { markedAutomatic } from './extended-states.ts';
export { type Architectures, assertInstallable } from './installable.ts';
export { type InstalledPackage, isInstalled } from './installed.ts';
export { type AliasedOverwrite, type Merged, mergePackages } from './merge.ts';
export { type Need, neededLater } from './needed-later.ts';
export { type AssemblyPackage, describePackage } from './package.ts';
export { withPlainPaths } from './plain-unpacked.ts';
export {
  type AssemblyPlan,
  type AssemblyStep,
  type PlannedPackage,
  planAssembly,
  type Route,
} from './plan.ts';
export { type DpkgReason, describeReason } from './reasons.ts';
export { dpkgRecords, type RecordOptions, recordAutomatic } from './records.ts';
export { planUnpack, type UnpackPlan } from './unpack-conflicts.ts';
