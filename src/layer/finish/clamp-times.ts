import type { Tree } from '../../formats/tree/index.ts';
import { mapInodes } from './map-inodes.ts';

/**
 * The tree with every time that is later than `epochSeconds` set to it: what was made while the image was built has no
 * time of its own.
 */
export function clampTimes(tree: Tree, epochSeconds: number): Tree {
  return mapInodes(tree, node =>
    node.mtime > epochSeconds || (node.mtime === epochSeconds && node.mtimeNsec > 0)
      ? { mtime: epochSeconds, mtimeNsec: 0 }
      : undefined,
  );
}
