import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import type { AcquireOptions } from './acquire-options.ts';
import { readHostSources } from './host-sources.ts';
import { firstMirror, type ImageFiles, readImageSources, type SignedSource } from './image-sources.ts';
import { type KeyringFile, keyringOf, readKeyring } from './keyring.ts';
import { parseAddress } from './sources/index.ts';
import { type TargetRepository, targetSourcePath, UNLIMITED } from './target-sources.ts';

/** What a spec says of the archives of its system. */
export interface SpecArchives {
  readonly repositories: readonly TargetRepository[];
  /** Further addresses that it names: of the archive that its base is from. */
  readonly addresses: readonly string[];
  /** Its archives are old on purpose. */
  readonly old: boolean;
  /** Sources to do without: names of repositories or of files of sources, or addresses. */
  readonly disabled: readonly string[];
}

/** Where packages come from, with everything that decides which lists of them count. */
export interface ArchiveSet {
  readonly sources: readonly SignedSource[];
  /** For sources that name no keys. */
  readonly trusted: readonly KeyringFile[];
  /** dpkg's names, the native one first. */
  readonly architectures: readonly string[];
}

/**
 * The archives of an image: its own sources, as far as they may be used, and the spec's repositories, which their owner
 * vouches for. CONFIG_INVALID and SIGNATURE name file and line of a source that is refused; USAGE a source to do without that
 * there is not.
 */
export function archivesOf(
  host: Host,
  files: ImageFiles,
  options: { readonly spec: SpecArchives; readonly acquire: AcquireOptions },
): ArchiveSet {
  const { spec, acquire } = options;
  const uris = [...hostAddresses(host), ...spec.addresses, ...spec.repositories.flatMap(one => one.uris)];
  const used = new Set<string>();
  const isDisabled = (name: string, addresses: readonly string[]) => {
    const found = spec.disabled.filter(wanted => isCalled(wanted, name, addresses));
    for (const one of found) used.add(one);
    return found.length > 0;
  };
  const owned = new Set(spec.repositories.map(targetSourcePath));
  const image = readImageSources(files, {
    named: { uris, old: spec.old },
    isLeftOut: (file, addresses) => owned.has(file) || isDisabled(file.replace(/^.*\//, ''), addresses),
  });
  const own = spec.repositories.filter(one => !isDisabled(one.name, one.uris));
  const unknown = spec.disabled.find(one => !used.has(one));
  // In apt's order: of two archives with the same version, the first one counts.
  const sources = [...image.sources, ...own.flatMap(one => specSource(host, one))].sort((a, b) =>
    orderOf(a) < orderOf(b) ? -1 : orderOf(a) > orderOf(b) ? 1 : 0,
  );
  if (unknown !== undefined) throw unknownSource(unknown, sources);
  return {
    sources: sources.map(hostDates(host, acquire)),
    trusted: image.trusted,
    architectures: architecturesOf(host, files),
  };
}

/** Lower-case hex that differs where other lists would count: the key of a cache. */
export function archivesKey({ sources, trusted, architectures }: ArchiveSet): string {
  const digests = (keyrings: readonly KeyringFile[]) =>
    keyrings.map(({ bytes, extension }) => [extension, createHash('sha256').update(bytes).digest('hex')]);
  const input = sources.map(source => ({
    types: source.types,
    uris: source.uris,
    suites: source.suites,
    components: source.components,
    architectures: source.architectures,
    options: Object.entries(source.options).sort(),
    keyrings: digests(source.keyrings),
    fingerprints: source.fingerprints,
  }));
  const isUsed = sources.some(source => source.keyrings.length === 0);
  const text = JSON.stringify([2, architectures, input, isUsed ? digests(trusted) : []]);
  return createHash('sha256').update(text).digest('hex');
}

/** Addresses in the host's own sources; what is wrong with those is no matter here. */
function hostAddresses(host: Host): string[] {
  const quiet = { emit: () => undefined };
  return readHostSources(host.sys, '/', quiet).sources.flatMap(source => source.uris);
}

/** sources.list comes before the files of sources.list.d, which come by name. */
function orderOf({ file }: SignedSource): string {
  return file === '/etc/apt/sources.list' ? '' : file;
}

/** A file of sources may be called with or without its ending. */
function isCalled(wanted: string, name: string, addresses: readonly string[]): boolean {
  const bare = (uri: string) => uri.replace(/\/+$/, '');
  return (
    wanted === name ||
    wanted === name.replace(/\.(?:list|sources)$/, '') ||
    addresses.some(uri => bare(uri) === bare(wanted))
  );
}

function unknownSource(wanted: string, sources: readonly SignedSource[]): AptLayerError {
  const names = [...new Set(sources.map(source => source.name))];
  return new AptLayerError('USAGE', `there is no source called ${wanted}`, {
    hint: names.length === 0 ? 'the system has no sources' : `it has ${names.join(', ')}`,
    details: { sources: names },
  });
}

function specSource(host: Host, repository: TargetRepository): SignedSource[] {
  const { name, types = ['deb'], suites, components, architectures = [], signedBy } = repository;
  if (!types.includes('deb')) return [];
  const where = `the spec's repository ${name}`;
  const keyring =
    signedBy.kind === 'file'
      ? readKeyring(host.sys, signedBy.path)
      : keyringOf(Buffer.from(`${signedBy.key.trim()}\n`), `the key of ${where}`);
  const source: SignedSource = {
    types: ['deb'],
    uris: repository.uris.flatMap(uri => localAddress(host, uri)),
    suites,
    components,
    architectures,
    options: repository.checkValidUntil === false ? UNLIMITED : {},
    signedBy: undefined,
    keyrings: [keyring],
    fingerprints: [],
    file: targetSourcePath(repository),
    where,
    name,
    bySpec: true,
  };
  return [source];
}

const MIRRORS_MAX_BYTES = 1024 * 1024;

/** A directory as apt is to copy from it, and the first mirror of a list on this machine; other addresses as they are. */
function localAddress(host: Host, uri: string): string[] {
  const list = /^mirror\+(?:file|copy):(?:\/\/)?(\/.*)$/.exec(uri)?.[1];
  if (list !== undefined) {
    const first = firstMirror(host.sys.readFile(list).subarray(0, MIRRORS_MAX_BYTES).toString('latin1'));
    return first === undefined ? [] : [first];
  }
  const address = parseAddress(uri);
  return [address?.scheme === 'file:' ? `copy:${address.path}` : uri];
}

/** Gives the host's own archives what the host's apt says of dates: for others it has no say. */
export function hostDates(host: Host, { dates }: AcquireOptions): (source: SignedSource) => SignedSource {
  const bare = (uri: string) => uri.replace(/\/+$/, '');
  const known = new Set(hostAddresses(host).map(bare));
  const isSaid = Object.keys(dates).length > 0;
  return source =>
    isSaid && source.uris.every(uri => known.has(bare(uri)))
      ? {
          ...source,
          options: { ...source.options, ...dates },
          // What the spec says itself needs no word of the host's.
          datesOfHost: source.options['check-valid-until'] !== 'no',
        }
      : source;
}

function architecturesOf(host: Host, files: ImageFiles): string[] {
  const lines = (files.read('/var/lib/dpkg/arch')?.toString('latin1') ?? '').split('\n');
  const foreign = lines.filter(line => /^[a-z0-9][a-z0-9-]*$/.test(line));
  return [...new Set([host.architecture, ...foreign])];
}
