import fs from 'node:fs';
import path from 'node:path';

/** The top of the checkout. */
export const CHECKOUT = path.resolve(import.meta.dirname, '../..');

/** What tests keep from run to run: downloads and roots that are slow to make. Safe to delete. */
export const CACHE = path.join(CHECKOUT, '.cache');

/** A directory in the cache, made when it is not there. */
export function cacheDirectory(name: string): string {
  const directory = path.join(CACHE, name);
  fs.mkdirSync(directory, { recursive: true });
  return directory;
}
