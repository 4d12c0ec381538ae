export { type OnEntries, readData } from './read.ts';
