/** How an image was checked before anything was made of it. */
export interface ImageCheck {
  /** What it was called then: `registry.example.org/server:stable`. */
  readonly identity: string;
  /** Of its manifest, `sha256:HEX`. */
  readonly manifest: string;
  /** The rule of containers-policy.json(5) that held for it: `docker registry.example.org`, or `default`. */
  readonly rule: string;
  /** The signatures that were demanded, and are good; none where the rule takes anything and nobody demanded more. */
  readonly signatures: readonly ImageSignature[];
}

export interface ImageSignature {
  /** `gpg`: simple signing. `other`: what containers-policy.json(5) has beside these two. */
  readonly kind: 'gpg' | 'sigstore' | 'other';
  /** Who demands it: containers-policy.json(5) of the machine, or besides it a spec or a command. */
  readonly by: 'policy' | 'demand';
  /**
   * The key that signed it, or those of which one did, where a rule or a keyring has several: the fingerprint of an OpenPGP key, the SHA-256
   * of a public key of sigstore (`sha256:HEX`), or what else identifies who signed.
   */
  readonly keys: readonly string[];
}
