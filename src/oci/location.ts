import { resolve } from 'node:path';
import { AptLayerError } from '../errors/index.ts';

/** A directory in the OCI image layout, and which of its images is meant. */
export interface OciLocation {
  /** Absolute path. */
  readonly directory: string;
  /** Absent: the only one there is, or `latest` for one that is made. */
  readonly tag: string | undefined;
  /** Of the manifest or index that is meant, 64 lower-case hex digits. */
  readonly sha256: string | undefined;
}

/** What the layout accepts as a name (annotations.md, org.opencontainers.image.ref.name); podman writes `localhost/name:tag`. */
const TAG = /^[A-Za-z0-9](?:[A-Za-z0-9._+@/:-]*[A-Za-z0-9])?$/;
const DIGEST = /:?@sha256:([0-9a-f]{64})$/;

/**
 * Reads `oci:DIRECTORY[:TAG][@sha256:HEX]`, as containers-transports(5) writes it: what comes behind the second colon is the tag, with what
 * colons it has; a directory with a colon in its name cannot be said. USAGE otherwise.
 */
export function parseLocation(text: string): OciLocation {
  const sha256 = DIGEST.exec(text)?.[1];
  const [transport, directory, ...rest] = text.replace(DIGEST, '').split(':');
  const tag = rest.length === 0 ? undefined : rest.join(':');
  if (transport !== 'oci' || directory === undefined || directory === '')
    throw new AptLayerError('USAGE', `${JSON.stringify(text)} is not oci:DIRECTORY[:TAG]`, {
      hint: `other places are for skopeo: \`skopeo copy docker://HOST/NAME oci:DIRECTORY:TAG\`, and back`,
    });
  if (tag !== undefined && !TAG.test(tag))
    throw new AptLayerError('USAGE', `${JSON.stringify(tag)} cannot be the name of an image in a layout`);
  return { directory: resolve(directory), tag, sha256 };
}
