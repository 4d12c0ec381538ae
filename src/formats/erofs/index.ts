export { type ReadImage, readImage } from './reader.ts';
export { type WriteOptions, type WrittenImage, writeImage } from './writer.ts';
