export { type AcquireOptions, readAcquireOptions } from './acquire-options.ts';
export { describeCandidates, type PackageFacts } from './archive-facts.ts';
export { type ArchiveSet, archivesKey, archivesOf, type SpecArchives } from './archives.ts';
export { baseConfiguration } from './base-configuration.ts';
export { bootstrapArchives, resolveBootstrap } from './bootstrap-archive.ts';
export { type BootstrapPlan, type BootstrapRequest, bootstrapKey, planBootstrap } from './bootstrap-plan.ts';
export { type AptCache, aptCache, archivesDirectory, ensureAptCache, metadataAge } from './cache.ts';
export { type Changelog, type ChangelogEntry, changelogText, parseChangelog } from './changelog.ts';
export type { Unconfigured } from './dated-scripts.ts';
export { distributionById } from './distributions/index.ts';
export {
  bootstrapDpkg,
  configurePackages,
  type Networked,
  type Preinst,
  purgePackages,
  runPreinsts,
  unpackAndConfigure,
} from './dpkg.ts';
export { fetchDocument, type Validators } from './fetch/index.ts';
export { fetchArchives, fetchByHostApt } from './fetch-archives.ts';
export { fetchDebs } from './fetch-debs.ts';
export { type HostApt, openHostApt } from './host-apt.ts';
export { type HostSource, parseOsRelease, readHostSources } from './host-sources.ts';
export type { ImageFiles } from './image-sources.ts';
export { type InitramfsProgram, listInitramfs, makeInitramfs } from './initramfs.ts';
export { type InstalledPackage, parseInstalled } from './installed.ts';
export {
  type ArchivedPackage,
  archivedPackages,
  fetchLists,
  type KnownArchive,
  listedRepositories,
  markedArchives,
  markLists,
  outdatedArchives,
  type PackageOrigin,
  type PublicLists,
  publicLists,
  type SearchedPackage,
  type SearchHit,
  type SourceLists,
  type SourceUpdate,
  searchPackages,
  searchPublicLists,
  sourcesWithLists,
} from './lists/index.ts';
export { isOfDistribution } from './map-sources.ts';
export { type PackageRecord, parseRecords, RELATIONS, type Relation } from './records.ts';
export {
  type AptRequest,
  archiveHash,
  LOCAL_DEBS,
  type Resolution,
  type ResolvedPackage,
} from './request.ts';
export { resolve } from './resolve.ts';
export { resolvedPackage } from './simulation.ts';
export { type AptTarget, BOUND_PATHS, type DpkgTarget } from './target.ts';
export { renderTargetSources, type TargetFile, type TargetRepository } from './target-sources.ts';
export { type TrimmedCache, trimCache } from './trim-cache.ts';
export { VOLATILE_TOPS, type VolatileAction, volatileAction } from './volatile.ts';
