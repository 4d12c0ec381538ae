import { AptLayerError, errnoOf } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import { publicAddress } from '../transaction/index.ts';
import { forVersions } from './affected.ts';
import { type ReleaseContent, readCached, readRelease } from './cache/index.ts';
import { readData } from './data/index.ts';
import type { DataKind, Vulnerability } from './model.ts';

/** One copy of data, with what is to be said of it. */
export interface DataSource {
  /** Without logins; or the path of a file. */
  readonly address: string;
  readonly kind: DataKind;
  /** Seconds since it was seen to be the newest; of a file, since it was written. */
  readonly ageSeconds: number;
  /** The releases that were asked for, and that it is of. */
  readonly releases: readonly string[];
}

/** What data says of some source packages in some releases. */
export interface KnownVulnerabilities {
  readonly data: readonly DataSource[];
  /** By release, then by source package. */
  readonly releases: ReadonlyMap<string, ReadonlyMap<string, readonly Vulnerability[]>>;
}

/** What is asked of data. */
export interface Wanted {
  /** Keys of releases, each by all the names that data may have for it. */
  readonly releases: readonly (readonly string[])[];
  /** Versions of source packages, by their names: of others nothing has to be known. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

/** What the copies at hand of these addresses say. Reads nothing but them, and needs no root. Addresses without a copy are left out. */
export function readKnown(
  { sys, clock, sysroot }: Pick<Host, 'sys' | 'clock'> & { readonly sysroot: string },
  addresses: readonly string[],
  wanted: Wanted,
): KnownVulnerabilities {
  const now = clock().getTime() / 1000;
  const read = (address: string, isLast: boolean) => {
    const cached = readCached(sys, sysroot, address);
    if (cached === undefined) return undefined;
    const { sources } = wanted;
    const keepsUnaffected = !isLast;
    const { files, kind, checkedSeconds } = cached;
    const releases = cached.releases.filter(one => wanted.releases.flat().includes(one));
    const source = { address: publicAddress(address), kind, ageSeconds: now - checkedSeconds, releases };
    const contents = releases.map(
      release =>
        [release, readRelease(sys, { directory: files, release, sources, keepsUnaffected })] as const,
    );
    return { source, contents: new Map(contents) };
  };
  return merged(
    wanted,
    addresses.flatMap((address, index) => {
      const isLast = !addresses
        .slice(index + 1)
        .some(later => saysWhatIsOpen(readCached(sys, sysroot, later)));
      try {
        return read(address, isLast) ?? [];
      } catch (error) {
        // Whoever brought newer data meanwhile removed the files that it replaced.
        if (errnoOf(error) !== 'ENOENT' && (error as AptLayerError).code !== 'NOT_FOUND') throw error;
        return read(address, isLast) ?? [];
      }
    }),
  );
}

function saysWhatIsOpen(data: { readonly kind: DataKind } | undefined): boolean {
  return data !== undefined && data.kind !== 'advisories';
}

/** What files say that are in no cache, such as those of `--data`. NOT_FOUND and FORMAT name the file. */
export async function readFiles(
  { sys, clock }: Pick<Host, 'sys' | 'clock'>,
  paths: readonly string[],
  wanted: Wanted,
): Promise<KnownVulnerabilities> {
  const now = clock().getTime() / 1000;
  const asked = new Set(wanted.releases.flat());
  const read: ReadSource[] = [];
  for (const path of paths) {
    const contents = new Map<string, ReleaseContent>();
    let kind: DataKind;
    let ageSeconds: number;
    try {
      const fd = sys.openFollowing(path);
      ageSeconds = now - Number(sys.fstat(fd).mtime);
      sys.close(fd);
      kind = await readData(sys, { path, name: path }, entries => {
        for (const entry of entries) {
          if (!asked.has(entry.release)) continue;
          const content = contents.get(entry.release) ?? { vulnerabilities: [], advisories: [] };
          contents.set(entry.release, content);
          if ('advisory' in entry) content.advisories.push(entry.advisory);
          else {
            const versions = wanted.sources.get(entry.vulnerability.source);
            if (versions === undefined) continue;
            const kept = forVersions(entry.vulnerability, versions);
            if (kept.affected.length > 0 || kept.undetermined === true || path !== paths.at(-1))
              content.vulnerabilities.push(kept);
          }
        }
      });
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      throw new AptLayerError('NOT_FOUND', `${path} does not exist`, { cause: error });
    }
    read.push({ source: { address: path, kind, ageSeconds, releases: [...contents.keys()] }, contents });
  }
  return merged(wanted, read);
}

interface ReadSource {
  readonly source: DataSource;
  readonly contents: ReadonlyMap<string, ReleaseContent>;
}

/** Of a vulnerability that several sources know, what the first one says counts; the others may add its severity and advisories. */
function merged({ releases }: Wanted, read: readonly ReadSource[]): KnownVulnerabilities {
  const found = releases.map(names => {
    const contents = read.flatMap(({ contents: by }) => names.flatMap(name => by.get(name) ?? []));
    return [names[0] ?? '', mergedRelease(contents)] as const;
  });
  return { data: read.map(one => one.source), releases: new Map(found) };
}

function mergedRelease(contents: readonly ReleaseContent[]): Map<string, Vulnerability[]> {
  const bySource = new Map<string, Map<string, Vulnerability>>();
  for (const one of contents.flatMap(({ vulnerabilities }) => vulnerabilities)) {
    const ofSource = bySource.get(one.source) ?? new Map<string, Vulnerability>();
    const before = ofSource.get(one.id);
    ofSource.set(one.id, before === undefined ? one : joined(before, one));
    bySource.set(one.source, ofSource);
  }
  for (const { source, ids, name } of contents.flatMap(({ advisories }) => advisories))
    for (const id of ids) {
      const known = bySource.get(source)?.get(id);
      if (known !== undefined) bySource.get(source)?.set(id, withAdvisories(known, [name]));
    }
  return new Map([...bySource].map(([source, by]) => [source, [...by.values()]]));
}

function joined(first: Vulnerability, second: Vulnerability): Vulnerability {
  const severity = first.severity === 'unassigned' ? second.severity : first.severity;
  return { ...withAdvisories(first, second.advisories ?? []), severity };
}

function withAdvisories(one: Vulnerability, names: readonly string[]): Vulnerability {
  const advisories = [...new Set([...(one.advisories ?? []), ...names])];
  return advisories.length === 0 ? one : { ...one, advisories };
}
