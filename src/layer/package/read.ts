import { AptLayerError, withContextSync } from '../../errors/index.ts';
import { findRef, readContent, readImage, type Store } from '../../store/index.ts';
import { decodePackage } from './encode.ts';
import { packageRef } from './import.ts';
import type { PackageImage } from './model.ts';

/**
 * An imported package; undefined when it is not in the store. All but the contents of its data files is checked:
 * INTEGRITY when any of it is damaged or missing, which importing it again with `repair` mends.
 */
export function readPackage(store: Store, sha256: string): PackageImage | undefined {
  const image = findRef(store, packageRef(sha256));
  if (image === undefined) return undefined;
  return withContextSync(`reading the imported package ${sha256}`, () => {
    const tree = readImage(store, image);
    return { sha256, image, ...decodePackage(tree, file => readContent(store, file)) };
  });
}

/** Whether an error says that stored data is damaged, so that storing it again may help. */
export function isDamage(error: unknown): boolean {
  return error instanceof AptLayerError && error.code === 'INTEGRITY';
}
