export { parseBaseImage, renderBaseImage } from './base-image.ts';
export { type CanonicalJson, specDigestInput } from './digest-input.ts';
export { editSpec, type SpecChange, type SpecEdit, type SpecEditResult } from './edit.ts';
export { specJsonSchema } from './json-schema.ts';
export type {
  BaseImage,
  Bootstrap,
  BootstrapVariant,
  FileOwnership,
  PackageRequest,
  RegistryImage,
  Repository,
  RepositoryType,
  Services,
  SigningKey,
  Spec,
  SpecFile,
} from './model.ts';
export { packageKey, parsePackageRequest, renderPackageRequest } from './package-request.ts';
export { parseSpec } from './parse.ts';
export type { Problem, ProblemKind } from './problem.ts';
export { renderSpec } from './render.ts';
export { inputFiles, resolvePaths } from './resolve-paths.ts';
