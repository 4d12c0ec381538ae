import { type Descriptor, type OciIndex, REF_NAME, serializeIndex } from '../formats/oci/index.ts';
import { withDirectoryLock, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { INDEX, readLayout } from './layout.ts';

/**
 * Names an image in a layout's index.json: what has the tag is replaced, all else stays as it is, whatever it says. One at a time: what
 * others have added meanwhile stays, too. INTERRUPTED when the host's signal says so while it waits for them. Durable.
 */
export async function nameImage(
  host: Host,
  directory: string,
  { image, tag }: { image: Descriptor; tag: string },
): Promise<void> {
  const { sys } = host;
  await withDirectoryLock(host, directory, { undone: 'the image was not named' }, () => {
    const index: OciIndex = readLayout(sys, directory) ?? { manifests: [] };
    const others = index.manifests.filter(one => one.annotations[REF_NAME] !== tag);
    const named = { ...image, annotations: { ...image.annotations, [REF_NAME]: tag } };
    writeFileDurable(
      sys,
      `${directory}/${INDEX}`,
      serializeIndex({ ...index, manifests: [...others, named] }),
    );
  });
}
