/** A package of a Debian archive, as a package URL names it. */
export interface DebUrl {
  /** Whose package it is: `debian`; empty where that is not known. */
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  /** `amd64`, `all`, or `source` for a source package. */
  readonly architecture: string;
  /** The system that it is of, such as `debian-13`; empty where that is not known. */
  readonly distribution: string;
}

/** The package URL (purl) of type `deb`: `pkg:deb/debian/NAME@VERSION?arch=amd64&distro=debian-13`. */
export function debUrl({ vendor, name, version, architecture, distribution }: DebUrl): string {
  const path = ['deb', vendor.toLowerCase(), name.toLowerCase()].filter(part => part !== '').map(encoded);
  const qualifiers = [
    ['arch', architecture],
    ['distro', distribution],
  ].flatMap(([key = '', value = '']) => (value === '' ? [] : [`${key}=${encoded(value)}`]));
  const query = qualifiers.length === 0 ? '' : `?${qualifiers.join('&')}`;
  return `pkg:${path.join('/')}@${encoded(version)}${query}`;
}

/** All but letters, digits, `.`, `-`, `_`, `~` and the colon, which purl has as it is. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
    .replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':');
}
