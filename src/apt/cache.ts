import { createHash } from 'node:crypto';
import { ensureDirectory, readFileIfExists, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

/** Directories of the shared package cache: removing them only costs time. */
export interface AptCache {
  readonly archives: string;
  /** Index files and apt's own cache for one set of sources. */
  readonly lists: string;
  readonly packageCache: string;
  readonly stamp: string;
}

/** Where archives are kept, whatever their source. */
export function archivesDirectory(sysroot: string): string {
  return `${sysroot}/cache/apt/archives`;
}

/** The cache below SYSROOT/cache/apt for the sources whose text is `sources`: two suites must not share index files. */
export function aptCache(sysroot: string, sources: string): AptCache {
  const key = createHash('sha256').update(sources).digest('hex').slice(0, 16);
  const own = `${sysroot}/cache/apt/sources-${key}`;
  return {
    archives: archivesDirectory(sysroot),
    lists: `${own}/lists`,
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
