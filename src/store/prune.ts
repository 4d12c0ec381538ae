import { toText } from '../formats/bytes/index.ts';
import { isDirectory, isTemporaryName, listDirectory, removeLeftover, syncFileSystem } from '../fs/index.ts';
import { imageFile, listImages } from './images.ts';
import { liveSet } from './live-set.ts';
import { listObjects, objectFile, objectsDirectory } from './objects.ts';
import type { Store, WritableStore } from './store.ts';

export interface Pruned {
  readonly objects: number;
  readonly images: number;
  /** Bytes on disk that went, or would go. */
  readonly bytes: number;
}

/** What `prune` would remove when the refs in `without` were gone. Changes nothing. */
export function unreachable(store: Store, without: ReadonlySet<string> = new Set()): Pruned {
  return counted(findUnreachable(store, without));
}

/**
 * Removes every image and object that no ref reaches, and unfinished files. The caller holds the transaction lock.
 * Names go before what they point at, with a sync between, so that a crash leaves no name without its object.
 */
export function prune(store: WritableStore): Pruned {
  const { sys } = store.host;
  const found = findUnreachable(store, new Set());
  const { images, objects } = found;
  if (images.length + objects.length > 0) {
    for (const digest of images) sys.unlink(imageFile(store, digest));
    syncFileSystem(sys, store.root);
    for (const digest of objects) sys.unlink(objectFile(store, digest));
  }
  removeUnfinished(store);
  return counted(found);
}

interface Unreachable {
  readonly images: readonly string[];
  readonly objects: readonly string[];
  readonly bytes: number;
}

function findUnreachable(store: Store, without: ReadonlySet<string>): Unreachable {
  const live = liveSet(store, without);
  const images = listImages(store).filter(digest => !live.images.has(digest));
  const objects = listObjects(store).digests.filter(digest => !live.objects.has(digest));
  const blocks = objects.map(digest => store.host.sys.lstat(objectFile(store, digest)).blocks);
  return { images, objects, bytes: blocks.reduce((sum, count) => sum + count * 512, 0) };
}

function counted({ images, objects, bytes }: Unreachable): Pruned {
  return { objects: objects.length, images: images.length, bytes };
}

function removeUnfinished(store: WritableStore): void {
  const { sys } = store.host;
  const refs = refDirectories(store);
  for (const directory of [objectsDirectory(store), `${store.root}/images`, store.root, ...refs])
    for (const name of listDirectory(sys, directory).map(toText))
      if (isTemporaryName(name)) removeLeftover(store.host, `${directory}/${name}`);
}

/** The directories that refs are in. */
function refDirectories(store: Store, directory = `${store.root}/images/refs`): string[] {
  const { sys } = store.host;
  const below = listDirectory(sys, directory)
    .map(name => `${directory}/${toText(name)}`)
    .filter(path => isDirectory(sys, path));
  return [directory, ...below.flatMap(path => refDirectories(store, path))];
}
