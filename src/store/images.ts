import { AptLayerError, FormatError } from '../errors/index.ts';
import { readImage as parseImage, writeImage } from '../formats/erofs/index.ts';
import { countLinks, type Tree } from '../formats/tree/index.ts';
import { objectPath } from '../formats/verity/index.ts';
import { replaceSymlink } from '../fs/index.ts';
import { putObject, readObject } from './objects.ts';
import { keepTree, recentTree } from './recent-trees.ts';
import { resolveImage } from './refs.ts';
import type { Store, WritableStore } from './store.ts';

/**
 * Writes the image of a tree (EROFS layout V1) as an object and lists it in images/. Returns its digest. Sets the
 * link counts of the tree's leaves. Durable only after `setRef`.
 */
export function writeImageObject(store: WritableStore, tree: Tree): string {
  countLinks(tree);
  const { image } = writeImage(tree, { version: 1, algorithm: store.algorithm });
  const digest = putObject(store, image);
  listImage(store, digest);
  keepTree(store, { digest, tree, bytes: image.length });
  return digest;
}

/** Lists an object as an image: it is one, and may be mounted. */
export function listImage(store: WritableStore, digest: string): void {
  replaceSymlink(store.host.sys, `../objects/${objectPath(digest)}`, imageFile(store, digest));
}

/** The path of an image that can be mounted. */
export function imageFile(store: Store, digest: string): string {
  return `${store.root}/images/${digest}`;
}

/** The tree of an image, named as `resolveImage` takes it. INTEGRITY when its bytes are not what the name says. */
export function readImage(store: Store, name: string): Tree {
  return readImageObject(store, resolveImage(store, name));
}

/** The same by the digest of its object, which need not be listed as an image. */
export function readImageObject(store: Store, digest: string): Tree {
  const known = recentTree(store, digest);
  if (known !== undefined) return known;
  const bytes = readObject(store, digest);
  try {
    const { tree } = parseImage(bytes);
    keepTree(store, { digest, tree, bytes: bytes.length });
    return tree;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new AptLayerError('INTEGRITY', `image ${digest} cannot be read: ${error.message}`, {
      cause: error,
    });
  }
}

/** The digests of all images that are listed, with or without a ref. */
export function listImages(store: Store): string[] {
  return store.host.sys
    .readdir(`${store.root}/images`)
    .filter(name => /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/.test(name))
    .sort();
}
