import { AptLayerError } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import { type Tree, walk } from '../formats/tree/index.ts';
import { step } from '../report/index.ts';
import {
  imageFile,
  ingestFiles,
  listImage,
  objectFile,
  type Store,
  type WritableStore,
} from '../store/index.ts';

/** What images take in a store. */
export interface ImageSize {
  readonly objects: number;
  /** Of the contents. */
  readonly bytes: number;
  /** What the file system gives them, in blocks of 4096 bytes. */
  readonly blockBytes: number;
}

interface ObjectFile {
  readonly digest: string;
  readonly size: number;
}

const BLOCK_BYTES = 4096;

/** An image and its tree. */
export interface StoredImage {
  readonly tree: Tree;
  readonly image: string;
}

/** The objects of images, their own among them, each once. */
function objectsOf(store: Store, images: readonly StoredImage[]): ObjectFile[] {
  const { sys } = store.host;
  const found = new Map(images.map(({ image }) => [image, sys.lstat(objectFile(store, image)).size]));
  for (const { tree } of images)
    for (const { node } of walk(tree))
      if (node.kind === 'file' && node.content.kind === 'object') found.set(node.content.digest, node.size);
  return [...found].map(([digest, size]) => ({ digest, size }));
}

/** What images take together. */
export function imageSize(store: Store, images: readonly StoredImage[]): ImageSize {
  const objects = objectsOf(store, images);
  return {
    objects: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    blockBytes: objects.reduce((sum, { size }) => sum + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES, 0),
  };
}

/**
 * Copies images with their objects from one store to another (sharing their blocks where both are on one file system that
 * can). Every object is checked against its name on the way: INTEGRITY when one is damaged. Durable after `setRef`.
 */
export async function copyImages(
  source: Store,
  target: WritableStore,
  images: readonly StoredImage[],
): Promise<void> {
  if (source.algorithm !== target.algorithm)
    throw new Error(`a store with ${source.algorithm} cannot be copied to one with ${target.algorithm}`);
  const objects = objectsOf(source, images);
  await step(target.host.report, 'copy', `Copying ${objects.length} objects`, async () => {
    const digests = await ingestFiles(
      target,
      objects.map(({ digest, size }) => ({ path: fromText(objectFile(source, digest)), size, mode: 'copy' })),
    );
    objects.forEach(({ digest }, index) => {
      if (digests[index] === digest) return;
      throw new AptLayerError('INTEGRITY', `object ${digest} is damaged: its content has another digest`, {
        hint: 'check the store it comes from with `apt-layer fsck`',
        details: { object: digest, path: objectFile(source, digest), actual: digests[index] },
      });
    });
    for (const { image } of images) listImage(target, image);
  });
  for (const { image } of images)
    if (target.host.sys.lstatIfExists(imageFile(target, image)) === undefined)
      throw new Error(`image ${image} is not listed after copying`);
}
