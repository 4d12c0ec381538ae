export { inheritedLabels, labelsFor, packageAnnotation } from './describe.ts';
export { CHUNKING, CHUNKING_VERSION, chunk, LAYERS_DEFAULT, LAYERS_MAX, LAYERS_MIN } from './layering.ts';
