import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import { mediaTypeOf, parseIndex } from '../formats/oci/index.ts';
import type { RegistryReference, StorageReference } from '../formats/reference/index.ts';
import type { Host } from '../host/index.ts';
import { isIndex } from '../oci/index.ts';
import { readManifest } from './documents.ts';

/**
 * Whether a name means another image in its registry than in podman's storage, by its manifest alone. Undefined where the storage has none of that name. NETWORK and
 * the like where the registry cannot say it.
 */
export async function hasMoved(host: Host, reference: RegistryReference): Promise<boolean | undefined> {
  const { registry, repository, tag = 'latest' } = reference;
  const here = await manifestIn(host, {
    transport: 'containers-storage',
    name: `${registry}/${repository}:${tag}`,
  });
  if (here === undefined) return undefined;
  const there = await readManifest(host, reference);
  const digest = sha256(here);
  if (sha256(there) === digest) return false;
  // Storage has the image of this machine alone out of an index.
  return (
    !isIndex(mediaTypeOf(there) ?? '') || !parseIndex(there).manifests.some(one => one.sha256 === digest)
  );
}

async function manifestIn(host: Host, reference: StorageReference): Promise<Buffer | undefined> {
  try {
    return await readManifest(host, reference);
  } catch (error) {
    if (error instanceof AptLayerError && error.code !== 'INTERRUPTED') return undefined;
    throw error;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
