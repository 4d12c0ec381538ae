import { restore } from '../../src/layer/index.ts';
import { checkout, openStore, readImage } from '../../src/store/index.ts';
import { testHost } from './host.ts';

/** Writes an image out as the plain Debian root that its layout was made of, to be compared with one. */
export async function checkoutPlain(sysroot: string, name: string, directory: string): Promise<void> {
  const store = openStore(testHost(), `${sysroot}/composefs`);
  await checkout(store, restore(readImage(store, name)), directory);
}
