import { type PackageRecord, parseRecords } from '../../apt/index.ts';
import { withContextSync } from '../../errors/index.ts';
import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import { lookup, resolveParents, type Tree } from '../../formats/tree/index.ts';
import { readContent, readImage, type Store } from '../../store/index.ts';

export type Records = ReadonlyMap<string, PackageRecord>;

/** Where the package database of an image is: behind the link, or in the place dpkg knows. */
const STATUS_PATHS = ['/usr/lib/sysimage/dpkg/status', '/var/lib/dpkg/status'];

/** The packages on record in a tree by `name:architecture`; none when it has no package database. */
export function recordsIn(store: Store, tree: Tree): Records {
  for (const path of STATUS_PATHS) {
    const names = resolveParents(tree, fromText(path));
    const node = lookup(tree, names.join('/') as ByteString);
    if (node?.kind === 'file')
      return withContextSync(`reading ${path} of the image`, () => parseRecords(readContent(store, node)));
  }
  return new Map();
}

/** The same for an image, named by digest. */
export function imageRecords(store: Store, image: string): Records {
  return recordsIn(store, readImage(store, image));
}
