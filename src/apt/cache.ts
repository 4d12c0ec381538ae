import { toText } from '../formats/bytes/index.ts';
import {
  ensureDirectory,
  isDirectory,
  listDirectory,
  readFileIfExists,
  writeFileDurable,
} from '../fs/index.ts';
import type { Host } from '../host/index.ts';

/** Directories of the shared package cache: removing them only costs time. */
export interface AptCache {
  readonly archives: string;
  /** Index files of one set of archives, verified; only the host's apt writes there. */
  readonly lists: string;
  /** The sources that the lists are of, without keys: a .sources file. It may have logins, so it is root's (0600). */
  readonly sources: string;
  /** What the host's apt makes of the lists. */
  readonly packageCache: string;
  readonly stamp: string;
  /** Marks: an empty file for each image whose lists these are, named by its digest. */
  readonly images: string;
}

/** Where archives are kept, whatever their source. */
export function archivesDirectory(sysroot: string): string {
  return `${sysroot}/cache/apt/archives`;
}

/** The cache below SYSROOT/cache/apt for the set of archives with this key: two sets never share index files. */
export function aptCache(sysroot: string, key: string): AptCache {
  return cacheAt(sysroot, `archives-${key.slice(0, 32)}`);
}

/** All of them. */
export function aptCaches({ sys }: Pick<Host, 'sys'>, sysroot: string): AptCache[] {
  const directory = `${sysroot}/cache/apt`;
  if (!isDirectory(sys, directory)) return [];
  const names = listDirectory(sys, directory).map(toText);
  return names.filter(name => /^archives-[0-9a-f]{32}$/.test(name)).map(name => cacheAt(sysroot, name));
}

function cacheAt(sysroot: string, name: string): AptCache {
  const own = `${sysroot}/cache/apt/${name}`;
  return {
    archives: archivesDirectory(sysroot),
    lists: `${own}/lists`,
    sources: `${own}/archives.sources`,
    packageCache: `${own}/cache`,
    stamp: `${own}/updated`,
    images: `${own}/lists-of`,
  };
}

export function ensureAptCache(host: Host, cache: AptCache): void {
  for (const directory of [
    cache.archives,
    `${cache.archives}/partial`,
    `${cache.lists}/partial`,
    cache.packageCache,
  ])
    ensureDirectory(host.sys, directory);
  // Older programs let everybody read it.
  const sources = host.sys.lstatIfExists(cache.sources);
  if (sources !== undefined && (sources.mode & 0o077) !== 0) host.sys.chmod(cache.sources, 0o600);
}

/** Seconds since the index files were fetched; undefined when they never were. */
export function metadataAge(
  host: Pick<Host, 'sys' | 'clock'>,
  cache: Pick<AptCache, 'stamp'>,
): number | undefined {
  const stamp = readFileIfExists(host.sys, cache.stamp, 100);
  const seconds = Number(stamp?.toString('latin1'));
  return Number.isFinite(seconds) && seconds > 0 ? host.clock().getTime() / 1000 - seconds : undefined;
}

export function recordMetadata(host: Host, cache: AptCache): void {
  writeFileDurable(host.sys, cache.stamp, `${Math.floor(host.clock().getTime() / 1000)}`);
}
