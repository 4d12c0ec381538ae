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

/** What an image takes in a store. */
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

/** The objects of an image, its own first, each once. */
function objectsOf(store: Store, tree: Tree, image: string): ObjectFile[] {
  const { sys } = store.host;
  const found = new Map<string, number>([[image, sys.lstat(objectFile(store, image)).size]]);
  for (const { node } of walk(tree))
    if (node.kind === 'file' && node.content.kind === 'object') found.set(node.content.digest, node.size);
  return [...found].map(([digest, size]) => ({ digest, size }));
}

export function imageSize(store: Store, tree: Tree, image: string): ImageSize {
  const objects = objectsOf(store, tree, image);
  return {
    objects: objects.length,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    blockBytes: objects.reduce((sum, { size }) => sum + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES, 0),
  };
}

/**
 * Copies an image with its objects from one store to another (sharing their blocks where both are on one file system that
 * can). Every object is checked against its name on the way: INTEGRITY when one is damaged. Durable after `setRef`.
 */
export async function copyImage(
  source: Store,
  target: WritableStore,
  wanted: { readonly tree: Tree; readonly image: string },
): Promise<void> {
  const { image, tree } = wanted;
  if (source.algorithm !== target.algorithm)
    throw new Error(`a store with ${source.algorithm} cannot be copied to one with ${target.algorithm}`);
  const objects = objectsOf(source, tree, image);
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
    listImage(target, image);
  });
  if (target.host.sys.lstatIfExists(imageFile(target, image)) === undefined)
    throw new Error(`image ${image} is not listed after copying`);
}
