import { AptLayerError } from '../../errors/index.ts';

/** Hash functions of fs-verity that composefs uses. */
export type DigestAlgorithm = 'sha256' | 'sha512';

/** What each algorithm is called in a verity descriptor (`FS_VERITY_HASH_ALG_*`) and how long its hashes are. */
export const DIGEST_ALGORITHMS = {
  sha256: { number: 1, hashBytes: 32 },
  sha512: { number: 2, hashBytes: 64 },
} as const satisfies Record<DigestAlgorithm, { number: number; hashBytes: number }>;

const DIGEST_PATTERN = /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/;

/**
 * A digest as 64 or 128 hex digits of either case; the result is lower case. With `algorithm`, only its length is
 * accepted. Throws an AptLayerError of code FORMAT for anything else.
 */
export function parseDigest(text: string, algorithm?: DigestAlgorithm): string {
  const digest = text.toLowerCase();
  if (DIGEST_PATTERN.test(digest) && (algorithm === undefined || digestAlgorithm(digest) === algorithm))
    return digest;
  const wanted =
    algorithm === undefined
      ? '64 or 128 hex digits'
      : `the ${DIGEST_ALGORITHMS[algorithm].hashBytes * 2} hex digits of ${algorithm}`;
  throw new AptLayerError('FORMAT', `fs-verity digest ${JSON.stringify(shorten(text))}: not ${wanted}`, {
    hint: 'a digest is what `apt-layer image digest` or `fsverity digest` prints, without its prefix',
  });
}

/** Which algorithm made a digest: its length says so. */
export function digestAlgorithm(digest: string): DigestAlgorithm {
  return digest.length === 128 ? 'sha512' : 'sha256';
}

/** Where an object is below `objects/`: `ab/cdef...`. */
export function objectPath(digest: string): string {
  return `${digest.slice(0, 2)}/${digest.slice(2)}`;
}

function shorten(text: string): string {
  return text.length > 140 ? `${text.slice(0, 140)}...` : text;
}
