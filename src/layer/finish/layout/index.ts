export { type ContentLink, contentLinks, type IsShipped } from './owned.ts';
export { relocate } from './relocate.ts';
export { restore } from './restore.ts';
export { IMAGE_STATE, LINKS_FILE, MACHINE_DIRECTORIES, OWNED, type Owned } from './table.ts';
