/** How a source says which keys may sign it. */
export type SignedBy =
  | { readonly kind: 'file'; readonly path: string }
  /** An ASCII-armoured public key, lines separated by `\n`. */
  | { readonly kind: 'key'; readonly armored: string }
  /** Fingerprints, or several files: as written. */
  | { readonly kind: 'other'; readonly text: string };

/** One entry of apt's sources: a line of a .list file or a stanza of a .sources file. */
export interface AptSource {
  /** `deb`, `deb-src`. */
  readonly types: readonly string[];
  readonly uris: readonly string[];
  /** A name that ends in `/` is a flat repository and has no components. */
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: SignedBy | undefined;
  /** Empty: all that the system has. */
  readonly architectures: readonly string[];
  /** Other options, by the lower-case name they have in a .sources file (`check-valid-until`, `trusted`). */
  readonly options: Readonly<Record<string, string>>;
}

/** Where an entry was read: for messages. Lines count from 1. */
export interface SourceOrigin {
  readonly file: string;
  readonly line: number;
}

/** Options that let unsigned or weakly signed data in. We never honour them. */
const INSECURE_OPTIONS = ['trusted', 'allow-insecure', 'allow-weak', 'allow-downgrade-to-insecure'];

/** The first option of `source` that would switch verification off, if any. */
export function insecureOption(source: AptSource): string | undefined {
  return INSECURE_OPTIONS.find(name => /^(?:yes|true|1|on|with|enable)$/i.test(source.options[name] ?? ''));
}

/** A Signed-By value: one absolute path, an armoured key (`.` stands for an empty line), or something else. */
export function parseSignedBy(value: string): SignedBy | undefined {
  const text = value.trim();
  if (text === '') return undefined;
  if (text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) {
    const lines = text.split('\n').map(line => line.trim());
    return { kind: 'key', armored: `${lines.map(line => (line === '.' ? '' : line)).join('\n')}\n` };
  }
  return /^\/[^\s,]*$/.test(text) ? { kind: 'file', path: text } : { kind: 'other', text };
}
