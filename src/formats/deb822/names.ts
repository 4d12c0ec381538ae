const PACKAGE = /^[a-z0-9][a-z0-9+.-]+$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
const NAME_LENGTH_MAX = 255;

/** A package name by Debian policy 5.6.7: at least two of lower-case letters, digits and `+-.`, the first a letter or digit. */
export function isPackageName(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && PACKAGE.test(text);
}

/** An architecture or architecture wildcard: `amd64`, `all`, `any`, `linux-any`. */
export function isArchitecture(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && ARCHITECTURE.test(text);
}
