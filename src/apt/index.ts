export { type AcquireOptions, readAcquireOptions } from './acquire-options.ts';
export { type BootstrapOptions, bootstrap } from './bootstrap.ts';
export { type BootstrapPlan, type BootstrapRequest, bootstrapKey, planBootstrap } from './bootstrap-plan.ts';
export {
  configurePackages,
  type DpkgTarget,
  type Preinst,
  purgePackages,
  runPreinsts,
  unpackAndConfigure,
} from './dpkg.ts';
export { type InstalledPackage, parseInstalled } from './installed.ts';
export { fetchArchives, refreshMetadata, resolve } from './operations.ts';
export { type AptRequest, LOCAL_DEBS, type Resolution, type ResolvedPackage } from './request.ts';
export {
  type AptCache,
  type AptTarget,
  aptCache,
  archivesDirectory,
  BOUND_PATHS,
  ensureAptCache,
  metadataAge,
} from './target.ts';
export { renderTargetSources, type TargetFile, type TargetRepository } from './target-sources.ts';
export { VOLATILE_TOPS, type VolatileAction, volatileAction } from './volatile.ts';
