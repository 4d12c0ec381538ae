import { resolve } from 'node:path';
import type { LayoutReference } from '../formats/reference/index.ts';

/** A directory in the OCI image layout, and which of its images is meant. */
export interface OciLocation {
  /** Absolute path. */
  readonly directory: string;
  readonly tag: string | undefined;
  /** Of the manifest or index that is meant, 64 lower-case hex digits. */
  readonly sha256: string | undefined;
}

/** A name in a layout with the digest of what it named behind it. */
const NAME_AND_DIGEST = /^(.+)@sha256:([0-9a-f]{64})$/;

/** Where a reference of the layout leads: relative ones from the current directory. */
export function locationOf({ path, name, digest }: LayoutReference): OciLocation {
  const directory = resolve(path);
  const [, tag = name, sha256 = digest?.slice('sha256:'.length)] = NAME_AND_DIGEST.exec(name ?? '') ?? [];
  return { directory, tag, sha256 };
}
