import type { Plugin } from 'esbuild';

type Name = 'package' | 'layer' | 'packages' | 'initramfs' | 'image' | 'base' | 'judge';

interface Options {
  readonly plugins?: readonly Plugin[];
}

/** The digests by name, in hexadecimal, of the code in a checkout; this one by default. */
export function codeDigests(checkout?: string, options?: Options): Promise<Record<Name, string>>;

/** What the digests are taken of: by name the minified text, and the files that it has anything of. */
export function codeBundles(
  checkout?: string,
  options?: Options,
): Promise<Record<Name, { readonly text: string; readonly files: readonly string[] }>>;
