import type { MountableImage } from '../sandbox/index.ts';
import { imageFile, objectsDirectory, openStore } from '../store/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { storePath } from './paths.ts';

/** What to mount for the image of a deployment. */
export function mountableImage({ host, sysroot }: Sysroot, image: string): MountableImage {
  const store = openStore(host, storePath(sysroot));
  return { imagePath: imageFile(store, image), objectsPath: objectsDirectory(store) };
}
