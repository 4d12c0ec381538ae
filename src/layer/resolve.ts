import {
  type AptCache,
  type AptRequest,
  type AptTarget,
  aptCache,
  archivesDirectory,
  ensureAptCache,
  fetchArchives,
  fetchWithApt,
  LOCAL_DEBS,
  metadataAge,
  type Resolution,
  type ResolvedPackage,
  readAcquireOptions,
  refreshMetadata,
  resolve,
} from '../apt/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { type ByteString, fromText } from '../formats/bytes/index.ts';
import { lookup, type Tree } from '../formats/tree/index.ts';
import { ensureDirectory, removeTree } from '../fs/index.ts';
import { type Scratch, withScratch } from '../sandbox/index.ts';
import { imageFile, objectsDirectory, readContent } from '../store/index.ts';
import type { BuiltImage, LookupContext } from './context.ts';
import { ensureFresh, type MetadataPolicy } from './metadata.ts';

/** The memory given to a scratch root in which apt only reads and fetches. */
const RESOLVE_BYTES = 64 * 1024 * 1024;

/** What apt in `image` would do for `request`. */
export function resolvePackages(
  context: LookupContext,
  image: BuiltImage,
  options: { request: AptRequest; metadata: MetadataPolicy },
): Promise<Resolution> {
  return withTarget(context, image, async target => {
    await ensureFresh(target.host.report, options.metadata, {
      of: 'this base',
      age: metadataAge(target.host, target.cache),
      refresh: () => refreshMetadata(target),
    });
    const found = await resolve(target, options.request);
    assertOnlyRequestedRemovals(found, options.request);
    return found;
  });
}

/** Puts the archives of `packages` into the cache, each checked against its hash. */
export async function fetchPackages(
  context: LookupContext,
  image: BuiltImage,
  options: { request: AptRequest; packages: Resolution['install']; offline: boolean },
): Promise<void> {
  const { request, packages, offline } = options;
  await fetchArchives(context.host, {
    acquire: await readAcquireOptions(context.host),
    cache: cacheOf(context, image.tree),
    packages,
    network: !offline,
    byApt: rest => withTarget(context, image, target => fetchWithApt(target, request, rest)),
  });
}

/** Where the archive of a package is once it is fetched, or the local file it comes from. */
export function archivePath(context: LookupContext, request: AptRequest, entry: ResolvedPackage): string {
  const prefix = `file:${LOCAL_DEBS}/`;
  const local = entry.uri.startsWith(prefix)
    ? request.files[Number.parseInt(entry.uri.slice(prefix.length), 10)]
    : undefined;
  return local ?? `${archivesDirectory(context.sysroot)}/${entry.fileName}`;
}

/** Runs `action` with the apt of an image, which changes nothing in it. */
export async function withTarget<T>(
  context: LookupContext,
  image: BuiltImage,
  action: (target: AptTarget) => Promise<T>,
): Promise<T> {
  const cache = cacheOf(context, image.tree);
  const directory = `${context.workDirectory}/resolve`;
  ensureDirectory(context.host.sys, directory, 0o700);
  const mount = { ...mountOf(context, image), directory, tmpfsBytes: RESOLVE_BYTES };
  const result = await withScratch(context.host, mount, async scratch =>
    action(await aptTarget(context, { tree: image.tree, scratch, cache })),
  );
  removeTree(context.host.sys, directory);
  return result;
}

function assertOnlyRequestedRemovals(resolution: Resolution, request: AptRequest): void {
  const asked = new Set(request.remove.map(withoutArchitecture));
  const others = resolution.remove.filter(name => !asked.has(withoutArchitecture(name)));
  if (others.length === 0) return;
  const also = others.join(', ');
  throw new AptLayerError(
    'RESOLVE_FAILED',
    request.remove.length > 0
      ? `removing ${request.remove.join(', ')} would also remove ${also}`
      : `installing ${request.install.join(', ')} would remove ${also}`,
    {
      hint: `add ${others.join(' ')} to \`remove\` in the spec if that is wanted`,
      details: { removed: others },
    },
  );
}

function withoutArchitecture(name: string): string {
  return name.split(':')[0] ?? name;
}

async function aptTarget(
  context: LookupContext,
  system: { tree: Tree; scratch: Scratch; cache: AptCache },
): Promise<AptTarget> {
  const { host, workDirectory, onOutput } = context;
  return {
    host,
    scratch: system.scratch,
    cache: system.cache,
    preferences: textOf(context, system.tree, '/etc/apt/preferences'),
    acquire: await readAcquireOptions(host),
    workDirectory,
    onOutput,
    logPath: context.logPath,
  };
}

function mountOf(context: LookupContext, image: BuiltImage) {
  return {
    image: {
      imagePath: imageFile(context.store, image.digest),
      objectsPath: objectsDirectory(context.store),
    },
  };
}

/** The cache for the sources of a tree; everything that decides which index files apt reads is part of its key. */
export function cacheOf(context: LookupContext, tree: Tree): AptCache {
  const parts = ['/etc/apt/sources.list', '/var/lib/dpkg/arch'].map(path => textOf(context, tree, path));
  const directory = lookup(tree, fromText('/etc/apt/sources.list.d'));
  const names = directory?.kind === 'directory' ? [...directory.entries.keys()].sort() : [];
  for (const name of names) parts.push(name, textOf(context, tree, `/etc/apt/sources.list.d/${name}`));
  const cache = aptCache(context.sysroot, [context.host.architecture, ...parts].join('\0'));
  ensureAptCache(context.host, cache);
  return cache;
}

function textOf(context: LookupContext, tree: Tree, path: string): string {
  const node = lookup(tree, path as ByteString);
  return node?.kind === 'file' ? readContent(context.store, node).toString('latin1') : '';
}
