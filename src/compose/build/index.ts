export { type BuildOptions, type BuildPlan, type BuildResult, buildSpec, planBuild } from './build.ts';
export { type BuildCheck, checkBuild } from './check.ts';
export { type PackageRoute, packageRoutes } from './install.ts';
