export type { BuildContext, BuiltImage } from './context.ts';
export { installPackages, type MetadataPolicy, resolvePackages } from './packages.ts';
export { runStage } from './stage.ts';
export { withoutVolatile } from './volatile.ts';
