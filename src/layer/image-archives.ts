import {
  type AcquireOptions,
  type AptCache,
  type AptTarget,
  type ArchiveSet,
  aptCache,
  archivesDirectory,
  archivesKey,
  archivesOf,
  ensureAptCache,
  type HostApt,
  openHostApt,
  readAcquireOptions,
  type SpecArchives,
} from '../apt/index.ts';
import { ensureDirectory, removeTree, temporaryBeside } from '../fs/index.ts';
import { withScratch } from '../sandbox/index.ts';
import { imageFile, objectsDirectory } from '../store/index.ts';
import type { BuiltImage, LookupContext } from './context.ts';
import { treeFiles } from './tree-files.ts';

/** An image with what its spec says of archives: together they decide where packages come from. */
export interface SourcedImage extends BuiltImage {
  readonly archives: SpecArchives;
}

/** The verified lists of a set of archives. */
export interface ImageLists {
  readonly set: ArchiveSet;
  readonly cache: AptCache;
  readonly architectures: readonly string[];
  readonly acquire: AcquireOptions;
}

/** The lists for the archives of an image; they may not have been fetched yet. CONFIG_INVALID, SIGNATURE as `archivesOf`. */
export async function listsOf(context: LookupContext, image: SourcedImage): Promise<ImageLists> {
  const acquire = await readAcquireOptions(context.host);
  const files = treeFiles(context.store, image.tree);
  const set = archivesOf(context.host, files, { spec: image.archives, acquire });
  return openLists(context, set, acquire);
}

/** The same for archives that are known. */
export function openLists(
  { host, sysroot }: LookupContext,
  set: ArchiveSet,
  acquire: AcquireOptions,
): ImageLists {
  const cache = aptCache(sysroot, archivesKey(set));
  ensureAptCache(host, cache);
  return { set, cache, architectures: set.architectures, acquire };
}

/** Runs `action` with the host's apt for lists. */
export async function withHostApt<T>(
  { host, sysroot, onOutput, logPath }: LookupContext,
  { set, cache, acquire }: ImageLists,
  action: (apt: HostApt) => Promise<T>,
  about?: HostApt['about'],
): Promise<T> {
  // Not in the transaction's own directory: apt's unprivileged user has to get there.
  const directory = temporaryBeside(archivesDirectory(sysroot));
  ensureDirectory(host.sys, directory, 0o755);
  try {
    const opened = { host, set, cache, acquire, directory, onOutput, logPath };
    return await action(openHostApt(about === undefined ? opened : { ...opened, about }));
  } finally {
    removeTree(host.sys, directory);
  }
}

/** The memory given to a scratch root in which apt only looks: what it makes of the lists is there. */
const LOOK_BYTES = 512 * 1024 * 1024;

/** Runs `action` with the apt of an image, which changes nothing in it and has no network. */
export async function withTarget<T>(
  context: LookupContext,
  image: SourcedImage,
  { cache, architectures }: ImageLists,
  action: (target: AptTarget) => Promise<T>,
): Promise<T> {
  const { host, store, workDirectory, onOutput, logPath } = context;
  const directory = `${workDirectory}/resolve`;
  ensureDirectory(host.sys, directory, 0o700);
  const mount = {
    image: { imagePath: imageFile(store, image.digest), objectsPath: objectsDirectory(store) },
    directory,
    tmpfsBytes: LOOK_BYTES,
  };
  const preferences = treeFiles(store, image.tree).read('/etc/apt/preferences')?.toString('latin1') ?? '';
  const target = {
    host,
    cache,
    architectures,
    preferences,
    image: image.digest,
    workDirectory,
    onOutput,
    logPath,
  };
  const result = await withScratch(host, mount, scratch => action({ ...target, scratch }));
  removeTree(host.sys, directory);
  return result;
}
