export { type AssemblyPlan, describeReason } from './assemble/index.ts';
export type { BuildContext, BuiltImage } from './context.ts';
export { installPackages, planInstallation, type WantedPackage } from './install/index.ts';
export { archivePath, fetchPackages, type MetadataPolicy, resolvePackages } from './resolve.ts';
export { runStage } from './stage.ts';
export { withoutVolatile } from './volatile.ts';
