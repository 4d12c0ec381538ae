export { type WriteOptions, type WrittenImage, writeImage } from './writer.ts';
