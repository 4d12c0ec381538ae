export { ensureDirectory, isDirectory, listDirectory, removeTree } from './directories.ts';
export {
  isTemporaryName,
  renameDurable,
  replaceSymlink,
  syncDirectory,
  syncFileSystem,
  temporaryBeside,
  writeFileDurable,
} from './durable.ts';
export { readFileBytes, readFileIfExists } from './read.ts';
