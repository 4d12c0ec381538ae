export { describeSignature } from './describe.ts';
export type { ImageCheck, ImageSignature } from './model.ts';
export { readImageCheck } from './parse.ts';
