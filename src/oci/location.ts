import { resolve } from 'node:path';
import { AptLayerError } from '../errors/index.ts';

/** A directory in the OCI image layout, and which of its images is meant. */
export interface OciLocation {
  /** Absolute path. */
  readonly directory: string;
  /** Absent: the only one there is, or `latest` for one that is made. */
  readonly tag: string | undefined;
}

/** What the layout accepts as a name (annotations.md, org.opencontainers.image.ref.name). */
const TAG = /^[A-Za-z0-9](?:[A-Za-z0-9._+@/-]*[A-Za-z0-9])?$/;

/** Reads `oci:DIRECTORY[:TAG]`, as containers-transports(5) writes it: a directory with a colon in its name cannot be said. USAGE otherwise. */
export function parseLocation(text: string): OciLocation {
  const [transport, directory, tag, ...rest] = text.split(':');
  if (transport !== 'oci' || directory === undefined || directory === '' || rest.length > 0)
    throw new AptLayerError('USAGE', `${JSON.stringify(text)} is not oci:DIRECTORY[:TAG]`, {
      hint: `other places are for skopeo: \`skopeo copy docker://HOST/NAME oci:DIRECTORY:TAG\`, and back`,
    });
  if (tag !== undefined && !TAG.test(tag))
    throw new AptLayerError('USAGE', `${JSON.stringify(tag)} cannot be the name of an image in a layout`);
  return { directory: resolve(directory), tag };
}
