import { type ByteString, fromText, joinPath } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import type { AssemblyPackage } from '../assemble/index.ts';

/** Directories that are links into /usr on every release since Debian 12 and Ubuntu 23.04. */
const MERGED = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libo32', 'libx32'].map(fromText);

/**
 * The links that must be there before any package is, as names and targets: base-files ships them since Debian 13; before,
 * whoever makes a system makes them when `usr-is-merged` or `usrmerge` is to be in it. Only those that something is in.
 */
export function mergedUsrLinks(packages: readonly AssemblyPackage[]): [ByteString, ByteString][] {
  if (!packages.some(one => one.name === 'usr-is-merged' || one.name === 'usrmerge')) return [];
  const has = (path: ByteString) => packages.some(one => lookup(one.image.data, path) !== undefined);
  const shipsLink = (path: ByteString) =>
    packages.some(one => lookup(one.image.data, path)?.kind === 'symlink');
  const usr = fromText('/usr');
  return MERGED.filter(name => {
    const path = joinPath(fromText(''), name);
    return !shipsLink(path) && (has(path) || has(joinPath(usr, name)));
  }).map(name => [name, fromText(`usr/${name}`)]);
}
