import { errnoOf } from '../errors/index.ts';
import { type ByteString, toText } from '../formats/bytes/index.ts';
import { S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import { isDirectory, listDirectory, readFileIfExists, removeTree } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { archivesDirectory } from './cache.ts';

/** What was taken from the cache of packages. */
export interface TrimmedCache {
  readonly files: number;
  /** Bytes. */
  readonly bytes: number;
}

/** Lists that nobody refreshed for so long are of sources that nobody has any more. */
const LISTS_SECONDS = 60 * 86_400;

/**
 * Removes downloaded packages, the oldest first, until no more than `maximumBytes` of them are left, and lists of sources that are not used any
 * more; the lists that were refreshed last stay. It only costs time: what images are made of is in the store. Called with the lock held.
 */
export function trimCache(host: Host, sysroot: string, maximumBytes: number): TrimmedCache {
  removeOldLists(host, `${sysroot}/cache/apt`);
  const archives = archivesDirectory(sysroot);
  const found = [archives, `${archives}/partial`]
    .flatMap(directory => filesIn(host, directory))
    .filter(({ path }) => !path.endsWith('/lock'))
    .sort((a, b) => b.seconds - a.seconds);
  let room = maximumBytes;
  let files = 0;
  let bytes = 0;
  for (const { path, size } of found) {
    room -= size;
    if (room >= 0) continue;
    host.sys.unlink(path);
    files += 1;
    bytes += size;
  }
  return { files, bytes };
}

function filesIn(host: Host, directory: string): { path: string; size: number; seconds: number }[] {
  if (!isDirectory(host.sys, directory)) return [];
  return listDirectory(host.sys, directory).flatMap((name: ByteString) => {
    const path = `${directory}/${toText(name)}`;
    const stat = host.sys.lstatIfExists(path);
    if (stat === undefined || (stat.mode & S_IFMT) !== S_IFREG) return [];
    return [{ path, size: stat.size, seconds: Number(stat.mtime) }];
  });
}

function removeOldLists(host: Host, directory: string): void {
  if (!isDirectory(host.sys, directory)) return;
  const all = listDirectory(host.sys, directory)
    .map(toText)
    .filter(name => /^(?:archives|sources)-/.test(name))
    .map(name => ({ path: `${directory}/${name}`, seconds: refreshedAt(host, `${directory}/${name}`) }))
    .sort((a, b) => b.seconds - a.seconds);
  const limit = host.clock().getTime() / 1000 - LISTS_SECONDS;
  for (const { path, seconds } of all.slice(1)) if (seconds < limit) removeTree(host.sys, path);
}

/** Without a note of it they were never refreshed in full. */
function refreshedAt(host: Host, directory: string): number {
  try {
    return Number(readFileIfExists(host.sys, `${directory}/updated`, 100)?.toString('latin1') ?? 0) || 0;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return 0;
  }
}
