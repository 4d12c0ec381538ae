import { errnoOf } from '../errors/index.ts';
import { type Descriptor, type OciIndex, parseConfig, parseManifest } from '../formats/oci/index.ts';
import { hashFile } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { blobPath, readDocument } from './layout.ts';
import type { PackedBlob } from './write-blob.ts';

/** Annotation of a layer: the digest of the image whose files it has. */
export const LAYER_OF = 'org.aptlayer.image';

/** The layer that an earlier export of the same image wrote into this layout, all bytes of it checked; undefined when there is none. */
export function writtenLayer(
  host: Host,
  directory: string,
  { index, image }: { index: OciIndex; image: string },
): PackedBlob | undefined {
  for (const one of index.manifests) {
    const found = layerOf(host, directory, { one, image });
    if (found !== undefined && isWhole(host, directory, found.sha256)) return found;
  }
  return undefined;
}

function layerOf(
  host: Host,
  directory: string,
  { one, image }: { one: Descriptor; image: string },
): PackedBlob | undefined {
  try {
    const { config, layers } = parseManifest(readDocument(host.sys, directory, one));
    const [layer] = layers;
    if (layers.length !== 1 || layer?.annotations[LAYER_OF] !== image) return undefined;
    const [unpacked] = parseConfig(readDocument(host.sys, directory, config)).diffIds;
    return unpacked === undefined ? undefined : { sha256: layer.sha256, size: layer.size, unpacked };
  } catch {
    // It is somebody else's, or damaged: the layer is made anew.
    return undefined;
  }
}

function isWhole({ sys }: Host, directory: string, sha256: string): boolean {
  try {
    return hashFile(sys, blobPath(directory, sha256)) === sha256;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
