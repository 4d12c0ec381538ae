import fs from 'node:fs';
import path from 'node:path';

/** The top of the checkout, for source files and for the bundles in dist/ alike. */
export const CHECKOUT = above(import.meta.dirname);

/** What tests keep from run to run: downloads and roots that are slow to make. Safe to delete. */
export const CACHE = path.join(CHECKOUT, '.cache');

/** A directory in the cache, made when it is not there. */
export function cacheDirectory(name: string): string {
  const directory = path.join(CACHE, name);
  fs.mkdirSync(directory, { recursive: true });
  return directory;
}

function above(directory: string): string {
  if (fs.existsSync(path.join(directory, 'package-lock.json'))) return directory;
  const parent = path.dirname(directory);
  if (parent === directory) throw new Error('this is not inside a checkout of apt-layer');
  return above(parent);
}
