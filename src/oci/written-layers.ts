import { errnoOf } from '../errors/index.ts';
import { type Descriptor, type OciIndex, parseConfig, parseManifest } from '../formats/oci/index.ts';
import { hashFile } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { blobPath, readDocument } from './layout.ts';
import { byContents, type PriorLayer } from './prior.ts';

/** The layers that earlier exports wrote into a layout, by what is in them. */
export function writtenLayers(host: Host, directory: string, index: OciIndex): Map<string, PriorLayer> {
  return byContents(index.manifests.flatMap(one => layersOf(host, directory, one)));
}

function layersOf(host: Host, directory: string, one: Descriptor): PriorLayer[] {
  try {
    const { config, layers } = parseManifest(readDocument(host.sys, directory, one));
    const { diffIds } = parseConfig(readDocument(host.sys, directory, config));
    return layers.flatMap((layer, index) => {
      const diffId = diffIds[index];
      return diffId === undefined ? [] : [{ ...layer, diffId }];
    });
  } catch {
    // It is somebody else's, or damaged: its layers are made anew.
    return [];
  }
}

/** Whether a layout has all bytes of a blob; each is checked. */
export function hasWholeBlob({ sys }: Host, directory: string, sha256: string): boolean {
  try {
    return hashFile(sys, blobPath(directory, sha256)) === sha256;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
