export { type ImageConfig, keepConfig, keptConfig } from './config-record.ts';
export { type Exported, exportOci } from './export-image.ts';
export { type FoundImage, findOci, importOci, LAYER_REFS } from './import-image.ts';
export { type OciLocation, parseLocation } from './location.ts';
