import { createHash } from 'node:crypto';
import {
  type Descriptor,
  MEDIA_TYPE,
  ociArchitecture,
  serializeConfig,
  serializeIndex,
  serializeLayoutMarker,
  serializeManifest,
} from '../formats/oci/index.ts';
import { ensureDirectory, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { blobPath, INDEX, MARKER } from '../oci/index.ts';

/** Writes an image without files into a new layout, to try something with that costs nothing. */
export function writeEmptyImage({ sys, architecture }: Host, directory: string): void {
  ensureDirectory(sys, `${directory}/blobs/sha256`);
  const put = (bytes: Buffer, mediaType: string): Descriptor => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileDurable(sys, blobPath(directory, sha256), bytes);
    return { mediaType, sha256, size: bytes.length, annotations: {}, platform: undefined };
  };
  const says = { architecture: ociArchitecture(architecture), os: 'linux', run: {}, labels: {}, diffIds: [] };
  const config = put(
    serializeConfig({ ...says, created: undefined, variant: undefined }, []),
    MEDIA_TYPE.config,
  );
  const manifest = put(serializeManifest({ config, layers: [], annotations: {} }), MEDIA_TYPE.manifest);
  writeFileDurable(sys, `${directory}/${INDEX}`, serializeIndex({ manifests: [manifest] }));
  writeFileDurable(sys, `${directory}/${MARKER}`, serializeLayoutMarker());
}
