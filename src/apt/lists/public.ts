import { toText } from '../../formats/bytes/index.ts';
import { ensureDirectory, isDirectory, listDirectory, writeFileDurable } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { type AptCache, aptCaches, metadataAge } from '../cache.ts';
import { listedRepositories } from './list-files.ts';

/** The verified lists of an image, as anybody may read them. */
export interface PublicLists {
  /** Paths of `Packages` files. */
  readonly files: readonly string[];
  /** Seconds since they were fetched. */
  readonly ageSeconds: number;
}

/** Notes that these lists are those of an image, for who may not read the image to find its sources. Costs nothing the second time. */
export function markLists({ sys }: Pick<Host, 'sys'>, cache: AptCache, image: string): void {
  const mark = `${cache.images}/${image}`;
  if (sys.lstatIfExists(mark) === undefined) {
    ensureDirectory(sys, cache.images);
    writeFileDurable(sys, mark, '');
  }
}

/**
 * The lists that were marked for an image; undefined where there are none, or they were never fetched. Of several, those that were
 * fetched last. Needs no root: the lists are public, and the file with the sources, which may have logins, is not looked at.
 */
export function publicLists(
  host: Pick<Host, 'sys' | 'clock'>,
  sysroot: string,
  image: string,
): PublicLists | undefined {
  const [newest] = aptCaches(host, sysroot)
    .filter(cache => host.sys.lstatIfExists(`${cache.images}/${image}`) !== undefined)
    .flatMap(cache => {
      const ageSeconds = metadataAge(host, cache);
      return ageSeconds === undefined ? [] : [{ cache, ageSeconds }];
    })
    .sort((a, b) => a.ageSeconds - b.ageSeconds);
  if (newest === undefined || !isDirectory(host.sys, newest.cache.lists)) return undefined;
  const files = listDirectory(host.sys, newest.cache.lists)
    .map(toText)
    .filter(name => name.endsWith('_Packages'))
    .map(name => `${newest.cache.lists}/${name}`);
  return { files, ageSeconds: newest.ageSeconds };
}

/** An archive, by where its packages are. */
export interface KnownArchive {
  /** What addresses of its packages begin with; with a slash at its end. */
  readonly uri: string;
  /** The `Origin` of its Release file: `Debian`. */
  readonly vendor: string;
}

/** The archives of which there are verified lists that were marked for an image. Needs root: addresses may have logins. */
export function markedArchives(host: Host, sysroot: string, image: string): KnownArchive[] {
  return aptCaches(host, sysroot)
    .filter(cache => host.sys.lstatIfExists(`${cache.images}/${image}`) !== undefined)
    .flatMap(cache => listedRepositories(host, cache, [host.architecture]))
    .map(({ uri, origin }) => ({ uri, vendor: origin.vendor }));
}
