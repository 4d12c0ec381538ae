export { type AcquireOptions, readAcquireOptions } from './acquire-options.ts';
export { type ArchivedPackage, archivedPackages, type PackageOrigin } from './advisories.ts';
export { archiveVersions, describeCandidates, type PackageFacts } from './archive-facts.ts';
export { baseConfiguration } from './base-configuration.ts';
export {
  type BootstrapArchive,
  fetchBootstrap,
  openBootstrapArchive,
  refreshBootstrap,
  resolveBootstrap,
} from './bootstrap-archive.ts';
export { type BootstrapPlan, type BootstrapRequest, bootstrapKey, planBootstrap } from './bootstrap-plan.ts';
export { type AptCache, aptCache, archivesDirectory, ensureAptCache, metadataAge } from './cache.ts';
export { type Changelog, type ChangelogEntry, changelogText, parseChangelog } from './changelog.ts';
export type { Unconfigured } from './dated-scripts.ts';
export {
  bootstrapDpkg,
  configurePackages,
  type Preinst,
  purgePackages,
  runPreinsts,
  unpackAndConfigure,
} from './dpkg.ts';
export { fetchDebs } from './fetch-debs.ts';
export { type HostSource, readHostSources } from './host-sources.ts';
export { type InitramfsProgram, listInitramfs, makeInitramfs } from './initramfs.ts';
export { type InstalledPackage, parseInstalled } from './installed.ts';
export { isOfDistribution } from './map-sources.ts';
export { fetchArchives, fetchWithApt, refreshMetadata, resolve } from './operations.ts';
export { type PackageRecord, parseRecords } from './records.ts';
export {
  type AptRequest,
  archiveHash,
  LOCAL_DEBS,
  type Resolution,
  type ResolvedPackage,
} from './request.ts';
export { writeForSandbox } from './sandbox-file.ts';
export { type SearchHit, searchPackages } from './search.ts';
export { type SourceLists, type SourceUpdate, sourcesWithLists } from './source-states.ts';
export { type AptTarget, BOUND_PATHS, type DpkgTarget } from './target.ts';
export { renderTargetSources, type TargetFile, type TargetRepository } from './target-sources.ts';
export { VOLATILE_TOPS, type VolatileAction, volatileAction } from './volatile.ts';
