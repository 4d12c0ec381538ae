/** Container engines: which there is, what they would see of a context, and the images that they build of it. */
export { buildImage } from './build-image.ts';
export { type BuildInput, containerfileIn, type OpenContext, openContext } from './context.ts';
export { type ContextDigest, contextDigest } from './context-digest.ts';
export { type EngineState, engineStates, findEngine } from './find-engine.ts';
