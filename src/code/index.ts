/**
 * Digests of the code that makes things, in hexadecimal: `package` the image of a .deb, `layer` that of a layer of an OCI image, `packages` a
 * base with packages, `initramfs` an initramfs, `image` a whole image, `base` a base made of an archive; `judge` what refuses a build. What
 * was made by other code is made again. scripts/code-digests.mjs takes them and says what counts.
 */
interface CodeDigests {
  readonly package: string;
  readonly layer: string;
  readonly packages: string;
  readonly initramfs: string;
  readonly image: string;
  readonly base: string;
  readonly judge: string;
}

/** Put in by whoever bundles the program or runs its source. */
declare const APT_LAYER_CODE: CodeDigests;

/** Of the code that runs. */
export const CODE: CodeDigests = APT_LAYER_CODE;

/** Enough of a digest of code to be part of a name. */
export function codeName(digest: string): string {
  return digest.slice(0, 16);
}
