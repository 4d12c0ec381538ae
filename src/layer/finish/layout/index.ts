export { relocate } from './relocate.ts';
export { restore } from './restore.ts';
export { IMAGE_STATE, MACHINE_DIRECTORIES } from './table.ts';
