export { refreshBase } from './base.ts';
export { type BuildFinding, type BuildResult, buildPlanned } from './build.ts';
export { type BuildCheck, checkBuild } from './check.ts';
export type { NewerImage } from './image-base.ts';
export { type PackageRoute, packageRoutes, plannedPackages } from './install.ts';
export { type BuildOptions, type BuildPlan, planBuild } from './plan.ts';
export { multiArchRequests } from './request-of.ts';
export { atSnapshot } from './snapshot.ts';
export { specArchives } from './spec-archives.ts';
