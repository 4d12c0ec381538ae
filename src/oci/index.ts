export { DEPTH_MAX } from './choose.ts';
export {
  copyConfig,
  type ImageConfig,
  type ImageOrigin,
  importedImages,
  keepConfig,
  keptConfig,
} from './config-record.ts';
export { type Exported, exportOci } from './export-image.ts';
export {
  type FoundImage,
  findOci,
  importLayers,
  importOci,
  LAYER_REFS,
  layerRef,
  missingLayers,
} from './import-image.ts';
export { blobPath, INDEX, MARKER } from './layout.ts';
export { locationOf, type OciLocation } from './location.ts';
export { isImage, isIndex, isManifest } from './media-types.ts';
