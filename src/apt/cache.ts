import { ensureDirectory, readFileIfExists, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

/** Directories of the shared package cache: removing them only costs time. */
export interface AptCache {
  readonly archives: string;
  /** Index files of one set of archives, verified; only the host's apt writes there. */
  readonly lists: string;
  /** The sources that the lists are of, without keys: a .sources file. */
  readonly sources: string;
  /** What the host's apt makes of the lists. */
  readonly packageCache: string;
  readonly stamp: string;
}

/** Where archives are kept, whatever their source. */
export function archivesDirectory(sysroot: string): string {
  return `${sysroot}/cache/apt/archives`;
}

/** The cache below SYSROOT/cache/apt for the set of archives with this key: two sets never share index files. */
export function aptCache(sysroot: string, key: string): AptCache {
  const own = `${sysroot}/cache/apt/archives-${key.slice(0, 32)}`;
  return {
    archives: archivesDirectory(sysroot),
    lists: `${own}/lists`,
    sources: `${own}/archives.sources`,
    packageCache: `${own}/cache`,
    stamp: `${own}/updated`,
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
}

/** Seconds since the index files were fetched; undefined when they never were. */
export function metadataAge(host: Host, cache: AptCache): number | undefined {
  const stamp = readFileIfExists(host.sys, cache.stamp, 100);
  const seconds = Number(stamp?.toString('latin1'));
  return Number.isFinite(seconds) && seconds > 0 ? host.clock().getTime() / 1000 - seconds : undefined;
}

export function recordMetadata(host: Host, cache: AptCache): void {
  writeFileDurable(host.sys, cache.stamp, `${Math.floor(host.clock().getTime() / 1000)}`);
}
