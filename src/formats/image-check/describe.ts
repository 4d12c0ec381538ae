import type { ImageSignature } from './model.ts';

const KINDS = {
  gpg: 'the OpenPGP key',
  sigstore: 'the sigstore key',
  other: 'what containers-policy.json(5) names:',
};

/** Whose signature it is, for people: `the sigstore key sha256:1f0c...`. */
export function describeSignature({ kind, keys }: ImageSignature): string {
  return `${KINDS[kind]} ${keys.join(', or ')}`.trim();
}
