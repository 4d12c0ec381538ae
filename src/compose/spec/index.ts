export { renderBaseImage } from './base-image.ts';
export { type CanonicalJson, specDigestInput } from './digest-input.ts';
export { editSpec, type SpecEdit, type SpecEditResult } from './edit.ts';
export { loadSpec } from './include.ts';
export { specJsonSchema } from './json-schema.ts';
export type { KernelArgumentsEdit } from './kernel-arguments.ts';
export type {
  ConflictResolution,
  DebconfAnswer,
  DebRequest,
  GroupAccount,
  InitramfsSettings,
  LayerPolicy,
  MultiArch,
  MultiArchRole,
  Override,
  OverrideChoice,
  PackageRequest,
  Pin,
  PolicyException,
  SecurityPolicy,
  Services,
  Spec,
  SpecFile,
  SpecScript,
  UserAccount,
  ValidationMode,
} from './model.ts';
export { debChoice, versionChoice } from './override-text.ts';
export { isDebRequest, packageKey, parsePackageRequest, renderPackageRequest } from './package-request.ts';
export { parseSpec } from './parse.ts';
export { placeInSpec, type SpecText } from './place.ts';
export type { Problem } from './problem.ts';
export { renderSpec } from './render.ts';
export { inputFiles, mapPaths, pathValues, resolvePaths } from './resolve-paths.ts';
export { checkBuildArgument } from './schema-base.ts';
export { specText } from './spec-text.ts';
