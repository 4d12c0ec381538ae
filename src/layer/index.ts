export { packageFacts, versionsInArchive } from './archive-facts.ts';
export { knownSources, listsAge, publishLists, refreshLists, searchLists } from './archive-lists.ts';
export { archivesAtHand, packagesInArchive } from './archived.ts';
export { type AssemblyPackage, describeReason } from './assemble/index.ts';
export { withAutomatic } from './automatic.ts';
export { type BasePackages, bootstrap, bootstrapPackages, refreshBootstrapLists } from './bootstrap/index.ts';
export { imageOf } from './built-image.ts';
export type { BuildContext, BuiltImage, LookupContext } from './context.ts';
export {
  type AccountIds,
  accountIds,
  assertModulesBuilt,
  clampTimes,
  contentLinks,
  finishTree,
  IMAGE_STATE,
  INITRAMFS_REFS,
  initramfsMaker,
  keptInitramfs,
  kernelVersions,
  MACHINE_DIRECTORIES,
  mergeIds,
  OWNED,
  type Owned,
  restore,
  SECRET_PATHS,
  strippedTree,
  withInitramfs,
  withoutSecrets,
} from './finish/index.ts';
export type { SourcedImage } from './image-archives.ts';
export {
  epochOf,
  type Installed,
  type InstallNotes,
  type InstallOptions,
  importedPackages,
  installPackages,
  planInstallation,
  type WantedPackage,
} from './install/index.ts';
export { ensureFresh, type MetadataPolicy } from './metadata.ts';
export type { FilePolicies, FilePolicy } from './metadata-policy/index.ts';
export { neededLater } from './needed-later.ts';
export { packageIn, packageRef } from './package/index.ts';
export { placeFile } from './place.ts';
export { archivePath, fetchLocked, fetchPackages, resolvePackages } from './resolve.ts';
export {
  analysePackage,
  asWithNetwork,
  type Finding,
  judge,
  type PackageReport,
} from './scripts/index.ts';
export { runStage } from './stage.ts';
export { describeImageFinding, type ImageFinding, type Scripted } from './validate/index.ts';
