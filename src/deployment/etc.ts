import { fromText } from '../formats/bytes/index.ts';
import { lookupDirectory, type Tree } from '../formats/tree/index.ts';
import { ensureDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { checkout, type Store } from '../store/index.ts';

/**
 * Writes the /etc that the first deployment of a name starts with: the image's own, as there is none whose changes would have to
 * be carried over. Not durable until the file system is synced.
 */
export async function prepareEtc(
  host: Host,
  store: Store,
  image: { tree: Tree; path: string },
): Promise<void> {
  const etc = lookupDirectory(image.tree, fromText('/etc'));
  if (etc === undefined) ensureDirectory(host.sys, image.path);
  else await checkout(store, etc, image.path);
}
