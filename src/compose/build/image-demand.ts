import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import { checkOf } from '../../oci/index.ts';
import { type ImageDemand, isSignedFor, readKeyFile, readPublicKey } from '../../registry/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import type { Spec } from '../spec/index.ts';

/** What `security.images` of a spec demands of an image that it is built on; undefined where it demands nothing. */
export async function imageDemand(host: Host, { security }: Spec): Promise<ImageDemand | undefined> {
  const { images } = security;
  if (images === undefined) return undefined;
  const keys = images.keys.map((key, index) =>
    key.kind === 'file'
      ? readKeyFile(host, key.path)
      : readPublicKey(host, Buffer.from(key.key), `security.images.keys.${index} of the spec`),
  );
  return { keys: await Promise.all(keys) };
}

/** Whether an image of the store was found signed as it is demanded, whenever that was. */
export function isAsDemanded(at: Sysroot, image: string, demand: ImageDemand | undefined): boolean {
  if (demand === undefined) return true;
  const check = checkOf(at, image);
  return check !== undefined && isSignedFor(check, demand);
}

/**
 * Refuses an image of the store that was not found signed when it came from its registry: what was made here, and what came from a directory,
 * nobody has signed. SIGNATURE.
 */
export function assertAsDemanded(
  at: Sysroot,
  name: string,
  image: string,
  demand: ImageDemand | undefined,
): void {
  if (isAsDemanded(at, image, demand)) return;
  throw new AptLayerError(
    'SIGNATURE',
    `the spec demands a signature of its base, and of local://${name} it is not known that one of its keys signed it`,
    {
      hint: `fetch it with \`apt-layer pull --require-signed KEY IMAGE --ref ${name}\`, or name the image in its registry: oci://HOST/NAME`,
      details: { image },
    },
  );
}
