import { type ByteString, toText } from '../../formats/bytes/index.ts';
import { fieldValue, type Stanza } from '../../formats/deb822/index.ts';
import type { Host } from '../../host/index.ts';
import type { AptCache } from '../cache.ts';
import { firstLine, installedBytes, sourceName, sourceVersion } from '../records.ts';
import { listedRepositories, type PackageOrigin, readIndex } from './list-files.ts';
import { stanzasOf } from './stanzas.ts';

/** One version of a package in an archive. */
export interface ArchivedPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** Of the .deb. */
  readonly sizeBytes: number;
  readonly installedBytes: number;
  readonly source: string;
  readonly sourceVersion: string;
  /** `Built-Using` and `Static-Built-Using`, one behind the other. */
  readonly builtUsing: string;
  readonly summary: string;
  readonly origin: PackageOrigin;
}

/** Every version of packages with one of `names` in the verified lists at hand, one for each origin. */
export function archivedPackages(
  host: Pick<Host, 'sys'>,
  lists: { readonly cache: AptCache; readonly architectures: readonly string[] },
  names: ReadonlySet<string>,
): ArchivedPackage[] {
  if (names.size === 0) return [];
  return listedRepositories(host, lists.cache, lists.architectures).flatMap(({ origin, packages }) =>
    packages.flatMap(file => packagesInIndex(readIndex(host, file), names, origin)),
  );
}

/** The stanzas of a `Packages` file for `names`. */
export function packagesInIndex(
  index: Buffer,
  names: ReadonlySet<string>,
  origin: PackageOrigin,
): ArchivedPackage[] {
  return [...stanzasOf(index, names)].flatMap(
    ({ name, stanza }) => archivedPackage(stanza, name, origin) ?? [],
  );
}

function archivedPackage(stanza: Stanza, name: string, origin: PackageOrigin): ArchivedPackage | undefined {
  const [version, architecture] = [fieldValue(stanza, 'Version'), fieldValue(stanza, 'Architecture')];
  if (version === undefined || architecture === undefined) return undefined;
  const size = fieldValue(stanza, 'Size') ?? ('' as ByteString);
  return {
    name,
    architecture: toText(architecture),
    version: toText(version),
    sizeBytes: /^\d{1,15}$/.test(size) ? Number(size) : 0,
    installedBytes: installedBytes(fieldValue(stanza, 'Installed-Size')),
    source: sourceName(fieldValue(stanza, 'Source')) ?? name,
    sourceVersion: sourceVersion(fieldValue(stanza, 'Source')) ?? toText(version),
    builtUsing: builtUsingOf(stanza),
    summary: firstLine(fieldValue(stanza, 'Description')),
    origin,
  };
}

function builtUsingOf(stanza: Stanza): string {
  const fields = ['Built-Using', 'Static-Built-Using'].map(name => fieldValue(stanza, name));
  return fields.flatMap(field => (field === undefined || field === '' ? [] : [toText(field)])).join(', ');
}
