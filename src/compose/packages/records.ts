import { type PackageRecord, parseRecords } from '../../apt/index.ts';
import { statusOf } from '../../deployment/index.ts';
import { withContextSync } from '../../errors/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { readImage, type Store } from '../../store/index.ts';

/** What lists and comparisons show of packages, by `name:architecture`. */
export type Records = ReadonlyMap<
  string,
  Omit<PackageRecord, 'sourceVersion' | 'section' | 'relations' | 'maintainer' | 'declaredVendor'>
>;

/** The packages on record in a tree by `name:architecture`; none when it has no package database. */
export function recordsIn(store: Store, tree: Tree): ReadonlyMap<string, PackageRecord> {
  return withContextSync('reading the package database of the image', () =>
    parseRecords(statusOf(store, tree)),
  );
}

/** The same for an image, named by digest. */
export function imageRecords(store: Store, image: string): ReadonlyMap<string, PackageRecord> {
  return recordsIn(store, readImage(store, image));
}
