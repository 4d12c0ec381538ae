export { DEPTH_MAX } from './choose.ts';
export {
  checkOf,
  copyConfig,
  type ImageConfig,
  type ImageOrigin,
  importedImages,
  keepCheck,
  keepConfig,
  keptConfig,
} from './config-record.ts';
export { type Exported, exportOci, newestTime } from './export-image.ts';
export {
  type FoundImage,
  findOci,
  importLayers,
  importOci,
  LAYER_REFS,
  layerRef,
  missingLayers,
} from './import-image.ts';
export { type Layering, type LayerPlan, ONE_LAYER } from './layering.ts';
export { awaitLayout, blobPath, INDEX, MARKER } from './layout.ts';
export { locationOf, type OciLocation } from './location.ts';
export { compressionOf, isImage, isIndex, isManifest } from './media-types.ts';
export { LAYER_COMPRESSIONS, type LayerCompression } from './pack.ts';
export { type PriorImage, priorOf } from './prior.ts';
