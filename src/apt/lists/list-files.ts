import { type ByteString, toText } from '../../formats/bytes/index.ts';
import { fieldValue, parseStanza } from '../../formats/deb822/index.ts';
import { listDirectory, readFileBytes, readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import type { AptCache } from '../cache.ts';
import { type AptSource, parseSourcesFile } from '../sources/index.ts';

/** Where a version comes from, as the signed Release file says it. */
export interface PackageOrigin {
  /** Whose archive it is: `Debian`. */
  readonly vendor: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly site: string;
  /** It publishes security updates. */
  readonly isSecurity: boolean;
}

/** An archive of which there are verified lists. */
export interface ListedRepository {
  /** What file names in its lists begin at; with a slash at its end. */
  readonly uri: string;
  /** As the source names it. */
  readonly suite: string;
  readonly origin: PackageOrigin;
  readonly dates: ReleaseDates;
  /** Paths of its `Packages` files. */
  readonly packages: readonly string[];
}

/** As a Release file writes them (RFC 1123); empty where it says nothing. */
export interface ReleaseDates {
  readonly date: string;
  readonly validUntil: string;
}

const SOURCES_MAX_BYTES = 8 * 1024 * 1024;
const RELEASE_MAX_BYTES = 16 * 1024 * 1024;
/** An index holds the packages of a component for an architecture: the largest have 60 MB. */
const INDEX_MAX_BYTES = 1024 ** 3;

/** The archives in a cache, in the order of their sources: what was verified and is at hand. */
export function listedRepositories(
  { sys }: Pick<Host, 'sys'>,
  cache: AptCache,
  architectures: readonly string[],
): ListedRepository[] {
  const text = readFileIfExists(sys, cache.sources, SOURCES_MAX_BYTES)?.toString('latin1') ?? '';
  const names = new Set<string>(listDirectory(sys, cache.lists));
  const found = new Map<string, ListedRepository>();
  const broken = (error: Error) => {
    throw error;
  };
  for (const { source } of parseSourcesFile(text, broken))
    for (const [uri, suite] of source.uris.flatMap(one => source.suites.map(name => [one, name] as const))) {
      const base = uri.endsWith('/') ? uri : `${uri}/`;
      const index = indexDirectory(base, suite.replaceAll('$(ARCH)', architectures[0] ?? ''));
      const release = ['InRelease', 'Release']
        .map(name => listFileName(index + name))
        .find(name => names.has(name));
      if (release === undefined) continue;
      const key = `${base} ${suite}`;
      const before = found.get(key);
      const packages = packagesFiles(source, suite, index, architectures)
        .map(listFileName)
        .filter(name => names.has(name))
        .map(name => `${cache.lists}/${name}`);
      const { origin, dates } = before ?? said(sys, `${cache.lists}/${release}`, base);
      found.set(key, {
        uri: base,
        suite,
        origin,
        dates,
        packages: [...new Set([...(before?.packages ?? []), ...packages])],
      });
    }
  return [...found.values()];
}

/** The bytes of a `Packages` file. */
export function readIndex({ sys }: Pick<Host, 'sys'>, path: string): Buffer {
  return readFileBytes(sys, path, INDEX_MAX_BYTES);
}

/** Where the Release file of a suite is. */
function indexDirectory(base: string, suite: string): string {
  if (suite === '/') return base;
  return suite.endsWith('/') ? base + suite : `${base}dists/${suite}/`;
}

function packagesFiles(
  source: AptSource,
  suite: string,
  index: string,
  architectures: readonly string[],
): string[] {
  if (suite.endsWith('/')) return [`${index}Packages`];
  const wanted = source.architectures.length > 0 ? source.architectures : architectures;
  return source.components.flatMap(component =>
    [...wanted, 'all'].map(architecture => `${index}${component}/binary-${architecture}/Packages`),
  );
}

const QUOTED = new Set('\\|{}[]<>"^~_=!@#$%^&*');

/** The name that apt has for an index file in its directory of lists (`URItoFileName`): no scheme, no login. */
export function listFileName(uri: string): string {
  const bare = uri.replace(/^[a-z][a-z0-9+.-]*:(?:\/\/(?:[^/@]*@)?)?/i, '');
  return [...bare]
    .map(character => {
      const code = character.charCodeAt(0);
      const isQuoted = QUOTED.has(character) || code <= 0x20 || code >= 0x7f;
      return isQuoted ? `%${code.toString(16).padStart(2, '0')}` : character;
    })
    .join('')
    .replaceAll('/', '_');
}

function said(sys: Host['sys'], path: string, base: string): Pick<ListedRepository, 'origin' | 'dates'> {
  const release = readFileBytes(sys, path, RELEASE_MAX_BYTES);
  const field = fieldsOf(release);
  return {
    origin: originOf(release, base),
    dates: { date: field('Date'), validUntil: field('Valid-Until') },
  };
}

/** What a Release file says of itself; its signature was verified when it was fetched. */
export function originOf(release: Buffer, base: string): PackageOrigin {
  const field = fieldsOf(release);
  const [label, suite, codename] = [field('Label'), field('Suite'), field('Codename')];
  const isSecurity =
    label === 'Debian-Security' || [suite, codename].some(name => name.endsWith('-security'));
  return { vendor: field('Origin'), label, suite, codename, site: base.replace(/\/+$/, ''), isSecurity };
}

/** The fields of a Release file, empty for what it does not have. */
function fieldsOf(release: Buffer): (name: string) => string {
  const signed =
    /^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[^\n]+\n)*\n([\s\S]*?)\n-----BEGIN PGP SIGNATURE-----/;
  const text = release.toString('latin1').replaceAll('\r\n', '\n');
  const stanza = parseStanza(Buffer.from(`${signed.exec(text)?.[1] ?? text}\n`, 'latin1'));
  return name => toText(fieldValue(stanza, name) ?? ('' as ByteString));
}
