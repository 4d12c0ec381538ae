export { copyData } from './copy-data.ts';
export { ensureDirectory, isDirectory, listDirectory, removeTree } from './directories.ts';
export { withDirectoryLock } from './directory-lock.ts';
export {
  isTemporaryName,
  replaceSymlink,
  syncDirectory,
  syncFileSystem,
  temporaryBeside,
  writeFileDurable,
} from './durable.ts';
export { metadataOf, specialKind } from './inode.ts';
export { removeLeftover, retried } from './leftover.ts';
export { hashFile, hashOpenFile, readPieces } from './pieces.ts';
export { readFileBytes, readFileIfExists } from './read.ts';
export { realPath } from './real-path.ts';
export { writeOutput } from './stream-file.ts';
export { readChunks, readInput, STANDARD_STREAM } from './stream-input.ts';
export { descriptorIdentity, descriptorWriter, isFileDescriptor, writeDescriptor } from './stream-output.ts';
