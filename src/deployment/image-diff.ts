import { type InstalledPackage, parseInstalled } from '../apt/index.ts';
import { AptLayerError, withContextSync } from '../errors/index.ts';
import { type ByteString, fromText, joinPath } from '../formats/bytes/index.ts';
import {
  type Difference,
  diffNodes,
  type LinkGroups,
  linkGroups,
  lookup,
  resolveParents,
  type Tree,
} from '../formats/tree/index.ts';
import { readContent, readImage, type Store } from '../store/index.ts';
import { diffPackages, type PackageDiff } from './package-diff.ts';

export interface ImageDiffOptions {
  /** What to compare; default both. */
  readonly packages?: boolean;
  readonly files?: boolean;
  /** Whether a modification time alone counts. */
  readonly times?: boolean;
  /** Compare files below this path only. */
  readonly path?: string;
}

export interface ImageDiff {
  readonly packages: PackageDiff | undefined;
  /** Contents and all metadata; which names are hard links of one another counts, too. */
  readonly files: readonly Difference[] | undefined;
  /** Names of one inode, on both sides; empty when files were not compared. */
  readonly links: { readonly before: LinkGroups; readonly after: LinkGroups };
}

/** Where the package database of an image is: in the place dpkg knows, or behind the link there. */
const STATUS_PATHS = ['/var/lib/dpkg/status', '/usr/lib/sysimage/dpkg/status'];

/** Compares two images, named by digest. Files are those of the images: /etc and /var as they were shipped. */
export function diffImages(
  store: Store,
  images: { before: string; after: string },
  options: ImageDiffOptions = {},
): ImageDiff {
  const before = readImage(store, images.before);
  const after = images.after === images.before ? before : readImage(store, images.after);
  const hasFiles = options.files !== false;
  const links = {
    before: hasFiles ? linkGroups(before) : new Map(),
    after: hasFiles ? linkGroups(after) : new Map(),
  };
  return {
    packages:
      options.packages === false
        ? undefined
        : diffPackages(installedIn(store, before), installedIn(store, after)),
    files: hasFiles ? diffFiles({ before, after, links }, options) : undefined,
    links,
  };
}

function diffFiles(
  { before, after, links }: { before: Tree; after: Tree; links: ImageDiff['links'] },
  options: ImageDiffOptions,
): Difference[] {
  const times = options.times ?? false;
  const names = (options.path ?? '').split('/').filter(name => name !== '' && name !== '.');
  const path = names.reduce<ByteString>((above, name) => joinPath(above, fromText(name)), fromText(''));
  const [from, to] = [lookup(before, path), lookup(after, path)];
  if (from === undefined && to === undefined)
    throw new AptLayerError('NOT_FOUND', `neither image has ${options.path}`);
  return [...diffNodes(from, to, { times, path, links })];
}

/** The packages on record in an image; none when it has no package database. */
export function installedIn(store: Store, tree: Tree): Map<string, InstalledPackage> {
  const status = statusOf(store, tree);
  return withContextSync('reading the package database of the image', () => parseInstalled(status));
}

/** dpkg's status file in an image; empty when it has none. */
export function statusOf(store: Store, tree: Tree): Buffer {
  for (const path of STATUS_PATHS) {
    const names = resolveParents(tree, fromText(path));
    const node = lookup(tree, names.join('/') as ByteString);
    if (node?.kind === 'file') return readContent(store, node);
  }
  return Buffer.alloc(0);
}
