export { relocate } from './relocate.ts';
export { restore } from './restore.ts';
