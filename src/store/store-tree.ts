import { writeImage } from '../formats/erofs/index.ts';
import { countLinks, type Tree } from '../formats/tree/index.ts';
import type { ContentSink } from './content-sink.ts';
import type { ObjectPlace } from './object-file.ts';

/**
 * Writes the image of a tree (EROFS layout V1) through the sink that its contents went through, and returns its digest; for worker threads,
 * which leave listing the image to their caller. Sets the link counts of the tree's leaves.
 */
export function storeTree(sink: ContentSink, place: ObjectPlace, tree: Tree): string {
  countLinks(tree);
  const { image } = writeImage(tree, { version: 1, algorithm: place.algorithm });
  sink.begin(image.length);
  sink.write(image);
  const content = sink.end();
  if (content.kind !== 'object') throw new Error('an image is longer than inline contents');
  return content.digest;
}
