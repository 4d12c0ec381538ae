export { type ChangelogRequest, changelogOf, fileAt } from './changelogs.ts';
export {
  type ChangedPackage,
  comparePackages,
  type PackageComparison,
  type SinglePackage,
} from './compare.ts';
export { afterInstallation } from './predict.ts';
export { imageRecords, type Records, recordsIn } from './records.ts';
