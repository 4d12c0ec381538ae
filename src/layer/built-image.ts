import type { Tree } from '../formats/tree/index.ts';
import { writeImageObject } from '../store/index.ts';
import type { BuildContext, BuiltImage } from './context.ts';

/** Writes a tree as an image, so that it can be mounted. Nothing refers to it yet. */
export function imageOf(context: BuildContext, tree: Tree): BuiltImage {
  return { digest: writeImageObject(context.store, tree), tree };
}
