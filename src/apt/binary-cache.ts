import { S_IFDIR, S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import {
  ensureDirectory,
  isDirectory,
  listDirectory,
  readPieces,
  removeTree,
  temporaryBeside,
} from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { Scratch } from '../sandbox/index.ts';
import type { Stat, Sys } from '../sys/index.ts';
import type { AptCache } from './cache.ts';

/** An image and the lists that its apt looks at. */
interface ImageLists {
  readonly host: Host;
  readonly cache: AptCache;
  /** Its digest. */
  readonly image: string;
}

const FILE = 'pkgcache.bin';
/** How many images' are kept for one set of lists. */
const KEPT = 4;
const BYTES_MAX = 512 * 1024 * 1024;

/**
 * The directory with what an image's apt made of the lists (pkgcache.bin), to be shown to it again; undefined where there is
 * none, or the lists are newer. Code of the image made it, so it is for that image alone.
 */
export function binaryCacheOf(lists: ImageLists): string | undefined {
  const { sys } = lists.host;
  const directory = directoryOf(lists);
  const made = sys.lstatIfExists(`${directory}/${FILE}`);
  if (made === undefined) return undefined;
  const files = listDirectory(sys, lists.cache.lists)
    .filter(name => name !== 'lock')
    .map(name => `${lists.cache.lists}/${name}`);
  const isOlder = [lists.cache.sources, ...files]
    .map(path => sys.lstatIfExists(path))
    .every(stat => stat === undefined || (stat.mode & S_IFMT) !== S_IFREG || timeOf(stat) < timeOf(made));
  return isOlder ? directory : undefined;
}

function timeOf(stat: Stat): number {
  return Number(stat.mtime) + stat.mtimeNsec / 1e9;
}

/**
 * Copies it out of the scratch root. The image's code decided what is there: no link is followed, and only a regular file
 * is taken. Not durable: apt makes it again where it is missing or does not fit.
 */
export function keepBinaryCache(lists: ImageLists & { readonly scratch: Scratch }): void {
  const { sys } = lists.host;
  const names = ['var', 'cache', 'apt'];
  const parents = names.map((_, index) => `${lists.scratch.upper}/${names.slice(0, index + 1).join('/')}`);
  if (!parents.every(path => isDirectory(sys, path))) return;
  const made = `${parents.at(-1)}/${FILE}`;
  const stat = sys.lstatIfExists(made);
  if (stat === undefined || (stat.mode & S_IFMT) !== S_IFREG || stat.size > BYTES_MAX) return;
  const directory = directoryOf(lists);
  ensureDirectory(sys, directory);
  copy(sys, made, `${directory}/${FILE}`);
  dropOthers(sys, directory.replace(/\/[^/]*$/, ''));
}

function directoryOf({ cache, image }: Pick<ImageLists, 'cache' | 'image'>): string {
  return cache.stamp.replace(/[^/]*$/, `images/${image}`);
}

function copy(sys: Sys, from: string, to: string): void {
  const temporary = temporaryBeside(to);
  const source = sys.openRead(from);
  try {
    const fd = sys.create(temporary, 0o644);
    try {
      readPieces(sys, source, piece => sys.write(fd, piece));
    } finally {
      sys.close(fd);
    }
  } finally {
    sys.close(source);
  }
  sys.rename(temporary, to);
}

/** The oldest go. */
function dropOthers(sys: Sys, directory: string): void {
  const found = listDirectory(sys, directory)
    .map(name => `${directory}/${name}`)
    .map(path => ({ path, stat: sys.lstatIfExists(path) }))
    .filter(({ stat }) => stat !== undefined && (stat.mode & S_IFMT) === S_IFDIR)
    .sort((a, b) => timeOf(b.stat as Stat) - timeOf(a.stat as Stat));
  for (const { path } of found.slice(KEPT)) removeTree(sys, path);
}
