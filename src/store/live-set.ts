import { type Tree, walk } from '../formats/tree/index.ts';
import { readImage } from './images.ts';
import { listRefs } from './refs.ts';
import type { Store } from './store.ts';

/** What must stay. */
export interface LiveSet {
  readonly images: ReadonlySet<string>;
  /** Images are objects, too. */
  readonly objects: ReadonlySet<string>;
}

/**
 * The one answer to what is in use: every image that a ref names, and every object that such an image names. A ref
 * or an image that cannot be read is an error, so that nobody deletes on half an answer. Refs in `without` count as gone.
 */
export function liveSet(store: Store, without: ReadonlySet<string> = new Set()): LiveSet {
  const refs = listRefs(store).filter(ref => !without.has(ref.name));
  const images = new Set(refs.map(ref => ref.image));
  const objects = new Set<string>(images);
  for (const image of images) for (const digest of objectsOf(readImage(store, image))) objects.add(digest);
  return { images, objects };
}

/** The digests that a tree names, with repetitions. */
export function* objectsOf(tree: Tree): Generator<string, void, undefined> {
  for (const { node } of walk(tree))
    if (node.kind === 'file' && node.content.kind === 'object') yield node.content.digest;
}
