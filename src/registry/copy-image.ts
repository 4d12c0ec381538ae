import { ociArchitecture } from '../formats/oci/index.ts';
import { type ImageReference, renderImageReference } from '../formats/reference/index.ts';
import { ensureDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { accessOptions, forSkopeo } from './arguments.ts';
import { RETRIES, skopeo } from './skopeo.ts';

/** Copies an image into a new layout at `directory`, layers as they are, of this architecture where there are several. */
export async function copyImage(host: Host, reference: ImageReference, directory: string): Promise<void> {
  ensureDirectory(host.sys, directory);
  await skopeo(host, {
    verb: 'copy',
    args: [...copyOptions(host, reference), forSkopeo(reference), `oci:${directory}:image`],
    where: renderImageReference(reference),
  });
}

/** Of `skopeo copy` into a layout, which holds no signatures. Layers that are not compressed stay so. */
export function copyOptions(host: Host, reference: ImageReference): string[] {
  return [
    ...['--quiet', '--override-os', 'linux', '--override-arch', ociArchitecture(host.architecture)],
    ...['--dest-oci-accept-uncompressed-layers', '--remove-signatures', ...RETRIES],
    ...accessOptions(host, reference, 'src-'),
  ];
}
