/** What stands for what only root may read. */
export const HIDDEN = '***';

/** Schemes of what is on this machine, which has no logins. */
const LOCAL: readonly string[] = ['local', 'apt', 'file', 'copy'];
/** Schemes of images in registries: their names are no keys, as those of private archives can be. */
const REGISTRY: readonly string[] = ['oci', 'docker'];

const ADDRESSES = /\b[a-z][a-z0-9+.-]*:\/\/[^\s'"<>]+/gi;

/** The text with each address in it as `publicAddress` has it. */
export function publicAddresses(text: string): string {
  return text.replace(ADDRESSES, publicAddress);
}

/**
 * An address cut to scheme, host and the name of a .deb: logins, queries and paths of private archives are keys to them. Text that is no
 * address stays as it is.
 */
export function publicAddress(text: string): string {
  const [, scheme = '', rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  if (rest === undefined || LOCAL.includes(scheme.toLowerCase())) return text;
  const [address = '', fragment] = rest.split('#', 2);
  const path = address.replace(/\?.*$/s, '');
  const slash = path.indexOf('/');
  const authority = slash < 0 ? path : path.slice(0, slash);
  // A password may hold an @ itself: the last one ends it. An image's digest stands behind one, too.
  const host = authority.slice(authority.replace(/@sha\d+:.*$/, '').lastIndexOf('@') + 1);
  const start = `${scheme}://${host}`;
  const below = slash < 0 ? '' : path.slice(slash);
  if (below === '' || below === '/' || REGISTRY.includes(scheme.toLowerCase())) return `${start}${below}`;
  const name = below.slice(below.lastIndexOf('/'));
  if (!name.endsWith('.deb')) return `${start}/${HIDDEN}`;
  return `${start}${name}${/^sha256=[0-9a-f]{64}$/.test(fragment ?? '') ? `#${fragment}` : ''}`;
}
