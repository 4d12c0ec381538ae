export { type BuildOptions, type BuildPlan, type BuildResult, buildSpec, planBuild } from './build.ts';
