import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';
import { fieldValue, type Stanza } from '../../formats/deb822/index.ts';
import type { Host } from '../../host/index.ts';
import type { AptCache } from '../cache.ts';
import { LOCAL_DEBS, type ResolvedPackage } from '../request.ts';
import { resolvedPackage } from '../simulation.ts';
import { findStanzas } from './find-stanzas.ts';
import { listedRepositories, readIndex } from './list-files.ts';
import { stanzasOf } from './stanzas.ts';

/**
 * What an image's apt names, looked up in the verified lists: it runs code of the image, so its word on where an archive is
 * and what it holds is not taken. Returns the packages as the lists have them; local files as they are. INTEGRITY for one that
 * no list has exactly so.
 */
export function confirmPackages(
  host: Pick<Host, 'sys'>,
  lists: { readonly cache: AptCache; readonly architectures: readonly string[] },
  named: readonly ResolvedPackage[],
): ResolvedPackage[] {
  const isLocal = (one: ResolvedPackage) => one.uri.startsWith(`file:${LOCAL_DEBS}/`);
  const wanted = named.filter(one => !isLocal(one));
  const look = (find: Find) => {
    const listed = listedBy(host, lists, find);
    const of = (one: ResolvedPackage) => listed.get(keyOf(one)) ?? [];
    return { of, isWhole: wanted.every(one => matching(one, of(one)) !== undefined) };
  };
  if (wanted.length === 0) return [...named];
  // What is searched for by its hash is found at once; the rest, and what to say of it, in one walk over all packages.
  const quick =
    wanted.length > QUICK_MAX
      ? undefined
      : look(file =>
          findStanzas(
            host,
            file,
            wanted.map(one => `SHA256: ${one.sha256}`),
          ),
        );
  const names = new Set(wanted.map(one => one.name));
  const { of } = quick?.isWhole
    ? quick
    : look(file => [...stanzasOf(readIndex(host, file), names)].map(({ stanza }) => stanza));
  return named.map(one => (isLocal(one) ? one : confirmed(one, of(one))));
}

/** With more packages than this, one walk over the lists takes less time than a search for each. */
const QUICK_MAX = 12;

/** Of the path of a `Packages` file. */
type Find = (file: string) => readonly Stanza[];

/** What is found in all lists, by name, version and architecture. */
function listedBy(
  host: Pick<Host, 'sys'>,
  { cache, architectures }: { readonly cache: AptCache; readonly architectures: readonly string[] },
  find: Find,
): Map<string, ResolvedPackage[]> {
  const listed = new Map<string, ResolvedPackage[]>();
  for (const { uri, packages } of listedRepositories(host, cache, architectures))
    for (const stanza of packages.flatMap(find)) {
      const found = listedPackage(stanza, uri);
      if (found !== undefined) listed.set(keyOf(found), [...(listed.get(keyOf(found)) ?? []), found]);
    }
  return listed;
}

function keyOf({ name, version, architecture }: ResolvedPackage): string {
  return `${name}_${version}_${architecture}`;
}

function listedPackage(stanza: Stanza, repository: string): ResolvedPackage | undefined {
  const text = (field: string) => toText(fieldValue(stanza, field) ?? ('' as ByteString));
  const [file, size, sha256] = [text('Filename'), text('Size'), text('SHA256').toLowerCase()];
  if (!/^\d{1,15}$/.test(size) || !/^[0-9a-f]{64}$/.test(sha256) || file === '') return undefined;
  return resolvedPackage(
    { name: text('Package'), version: text('Version'), architecture: text('Architecture') },
    { size: Number(size), sha256, uri: repository + quotedPath(file) },
  );
}

/** As apt writes a path in an address (`pkgAcquire::URIEncode`). */
function quotedPath(path: string): string {
  return path.replace(/[+~%]|[^\x21-\x7e]/g, character =>
    [...Buffer.from(character)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function matching(named: ResolvedPackage, listed: readonly ResolvedPackage[]): ResolvedPackage | undefined {
  return listed.find(
    one => one.sha256 === named.sha256 && one.size === named.size && plain(one.uri) === plain(named.uri),
  );
}

function confirmed(named: ResolvedPackage, listed: readonly ResolvedPackage[]): ResolvedPackage {
  const found = matching(named, listed);
  if (found !== undefined) return found;
  const { name, version, architecture, uri, size, sha256 = 'none' } = named;
  const what = `${name} ${version} (${architecture})`;
  const said = `the image's apt names ${plain(uri)}, ${size} bytes, SHA-256 ${sha256}`;
  const [first] = listed;
  const truth =
    first === undefined
      ? 'no verified list of its archives has that package'
      : `the verified lists have ${plain(first.uri)}, ${first.size} bytes, SHA-256 ${first.sha256}`;
  throw new AptLayerError('INTEGRITY', `${what}: ${said}, but ${truth}; nothing was fetched`, {
    hint: 'do not trust this image: something in it changes what apt says, a program in place of apt or a setting of it',
    details: { package: name, version, architecture, uri: plain(uri), sha256 },
  });
}

/** Older apt does not quote, and none of them needs the login. */
function plain(uri: string): string {
  return uri
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
