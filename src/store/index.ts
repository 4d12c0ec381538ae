export { checkout, type OutsideFiles } from './checkout.ts';
export { type ContentSink, contentSink } from './content-sink.ts';
export { beginFlush } from './flush.ts';
export { type Finding, type FsckResult, fsck } from './fsck.ts';
export { imageFile, listImage, listImages, readImage, readImageObject, writeImageObject } from './images.ts';
export { type ImportOptions, importDirectory } from './import-directory.ts';
export { importImages } from './import-images.ts';
export type { IngestFile } from './ingest-file.ts';
export type { ObjectPlace } from './object-file.ts';
export { objectFile, objectsDirectory, putObject, readContent } from './objects.ts';
export { ingestFiles } from './pool.ts';
export { protectStore } from './protect.ts';
export { type Pruned, prune, unreachable } from './prune.ts';
export {
  assertRefFits,
  assertUserRefName,
  deleteRef,
  findRef,
  hasImage,
  listRefs,
  type Ref,
  resolveImage,
  setRef,
  setRefs,
} from './refs.ts';
export { hasVerity, openStore, type Store, storePath, type WritableStore, writableStore } from './store.ts';
export { storeTree } from './store-tree.ts';
export type { TarLimits } from './tar-limits.ts';
export { readTar, type TarSink } from './tar-source.ts';
export { type TarTree, tarTreeReader } from './tar-tree.ts';
