export { specDigestInput } from './digest-input.ts';
export { editSpec, type SpecEdit } from './edit.ts';
export { specJsonSchema } from './json-schema.ts';
export type { PackageRequest, Services, Spec, SpecFile } from './model.ts';
export { renderPackageRequest } from './package-request.ts';
export { parseSpec } from './parse.ts';
export type { Problem } from './problem.ts';
export { renderSpec } from './render.ts';
export { inputFiles, resolvePaths } from './resolve-paths.ts';
