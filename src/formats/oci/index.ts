export { ociArchitecture } from './architecture.ts';
export {
  type Descriptor,
  DOCUMENT_MAX_BYTES,
  MEDIA_TYPE,
  type OciConfig,
  type OciIndex,
  type OciManifest,
  type Platform,
  REF_NAME,
  type Rest,
} from './model.ts';
export { mediaTypeOf, parseConfig, parseIndex, parseLayoutMarker, parseManifest } from './parse.ts';
export {
  serializeConfig,
  serializeIndex,
  serializeLayoutMarker,
  serializeManifest,
} from './serialize.ts';
export { whiteoutOf } from './whiteout.ts';
