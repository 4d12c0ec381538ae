import { toText } from '../formats/bytes/index.ts';
import { isTemporaryName, listDirectory, syncFileSystem } from '../fs/index.ts';
import { imageFile, listImages } from './images.ts';
import { liveSet } from './live-set.ts';
import { listObjects, objectFile, objectsDirectory } from './objects.ts';
import type { WritableStore } from './store.ts';

export interface Pruned {
  readonly objects: number;
  readonly images: number;
  /** Bytes on disk that went, or would go. */
  readonly bytes: number;
}

export interface PruneOptions {
  /** Only say what would go. */
  readonly dryRun?: boolean;
  /** Refs to count as gone already; only in a dry run. */
  readonly without?: ReadonlySet<string>;
}

/**
 * Removes every image and object that no ref reaches, and unfinished files. The caller holds the transaction lock.
 * Names go before what they point at, with a sync between, so that a crash leaves no name without its object.
 */
export function prune(store: WritableStore, options: PruneOptions = {}): Pruned {
  const { sys } = store.host;
  if (options.without !== undefined && !options.dryRun) throw new Error('only a dry run may leave refs out');
  const live = liveSet(store, options.without);
  const images = listImages(store).filter(digest => !live.images.has(digest));
  const objects = listObjects(store).digests.filter(digest => !live.objects.has(digest));
  const bytes = objects.reduce((sum, digest) => sum + sys.lstat(objectFile(store, digest)).blocks * 512, 0);
  if (!options.dryRun && images.length + objects.length > 0) {
    for (const digest of images) sys.unlink(imageFile(store, digest));
    syncFileSystem(sys, store.root);
    for (const digest of objects) sys.unlink(objectFile(store, digest));
  }
  if (!options.dryRun) removeUnfinished(store);
  return { objects: objects.length, images: images.length, bytes };
}

function removeUnfinished(store: WritableStore): void {
  const { sys } = store.host;
  for (const directory of [objectsDirectory(store), `${store.root}/images`, store.root])
    for (const name of listDirectory(sys, directory).map(toText))
      if (isTemporaryName(name)) sys.unlink(`${directory}/${name}`);
}
