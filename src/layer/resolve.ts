import {
  type AptRequest,
  archivesDirectory,
  fetchArchives,
  fetchByHostApt,
  fetchDebs,
  fetchLists,
  LOCAL_DEBS,
  metadataAge,
  outdatedArchives,
  parseInstalled,
  type Resolution,
  type ResolvedPackage,
  resolve,
} from '../apt/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { LookupContext } from './context.ts';
import { type ImageLists, listsOf, type SourcedImage, withHostApt, withTarget } from './image-archives.ts';
import { ensureFresh, type MetadataPolicy } from './metadata.ts';
import { packageIn } from './package/index.ts';
import { treeFiles } from './tree-files.ts';

/** What apt in `image` would do for `request`. RESOLVE_FAILED when it would remove others than are to go, and those that it may. */
export async function resolvePackages(
  context: LookupContext,
  image: SourcedImage,
  options: { request: AptRequest; metadata: MetadataPolicy; mayRemove?: (name: string) => boolean },
): Promise<Resolution> {
  const lists = await listsOf(context, image);
  await ensureFresh(context.host.report, options.metadata, {
    of: 'this base',
    age: metadataAge(context.host, lists.cache),
    refresh: () => withHostApt(context, lists, fetchLists),
  });
  const status = () => treeFiles(context.store, image.tree).read('/var/lib/dpkg/status') ?? Buffer.alloc(0);
  const found = await withTarget(context, image, lists, target =>
    resolve(target, options.request, {
      installed: () => parseInstalled(status()),
      packageAt: path => packageIn(context.host.sys, path),
    }),
  );
  assertOnlyRequestedRemovals(found, options.request, options.mayRemove);
  const expired = outdatedArchives(context.host, lists);
  return { ...found, ...(expired.length > 0 && { expired }) };
}

/** Puts the archives of `packages` into the cache, each checked against its hash. */
export async function fetchPackages(
  context: LookupContext,
  image: SourcedImage,
  options: { packages: Resolution['install']; offline: boolean },
): Promise<void> {
  const { packages, offline } = options;
  const lists = await listsOf(context, image);
  await fetchArchives(context.host, {
    acquire: lists.acquire,
    cache: lists.cache,
    packages,
    network: !offline,
    byApt: rest => withHostApt(context, lists, apt => fetchByHostApt(apt, rest)),
  });
}

/** The same for packages of a lock, as `fetchByLock`. */
export async function fetchLocked(
  context: LookupContext,
  image: SourcedImage,
  options: { packages: Resolution['install']; offline: boolean },
): Promise<void> {
  await fetchByLock(context, await listsOf(context, image), options);
}

/**
 * Puts the archives of packages of a lock into the cache, each by its address and its hash, whatever the lists of archives say by now. NETWORK
 * names the package whose address has nothing any more, INTEGRITY that with other bytes.
 */
export async function fetchByLock(
  context: LookupContext,
  { acquire, cache }: Pick<ImageLists, 'acquire' | 'cache'>,
  { packages, offline }: { packages: Resolution['install']; offline: boolean },
): Promise<void> {
  const fetching = fetchArchives(context.host, {
    acquire,
    cache,
    packages,
    network: !offline,
    byApt: rest => fetchByAddress(context, cache.archives, rest),
  });
  await fetching.catch((error: unknown) => {
    throw lockedFailure(packages, error);
  });
}

/** By the apt of this machine, which knows all kinds of addresses. */
async function fetchByAddress(
  { host }: LookupContext,
  archives: string,
  packages: Resolution['install'],
): Promise<void> {
  for (const { uri, sha256 = '', fileName } of packages) {
    const options = { directory: `${archives}/by-address`, network: true };
    const path = (await fetchDebs(host, [{ url: uri, sha256 }], options)).get(sha256);
    host.sys.rename(path as string, `${archives}/${fileName}`);
  }
}

function lockedFailure(packages: Resolution['install'], error: unknown): unknown {
  if (!(error instanceof AptLayerError)) return error;
  const one = packages.find(
    ({ uri, sha256 }) =>
      [error.details?.['sha256'], error.details?.['expected']].includes(sha256) ||
      error.details?.['uri'] === uri,
  );
  if (one === undefined || !['NETWORK', 'INTEGRITY'].includes(error.code)) return error;
  return new AptLayerError(error.code, `${one.name} ${one.version} of the lock: ${error.message}`, {
    hint:
      error.code === 'NETWORK'
        ? 'where archives drop old versions, lock with `snapshot`; `apt-layer compose lock` takes what there is now'
        : 'somebody changed the file or the lock: find out who; `apt-layer compose lock` takes what there is now',
    details: { ...error.details, package: one.name, version: one.version },
    cause: error,
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

function assertOnlyRequestedRemovals(
  resolution: Resolution,
  request: AptRequest,
  mayRemove: (name: string) => boolean = () => false,
): void {
  const asked = new Set(request.remove.map(withoutArchitecture));
  const others = resolution.remove.filter(name => !asked.has(withoutArchitecture(name)) && !mayRemove(name));
  if (others.length === 0) return;
  const { remove } = request;
  const installing = freshRequests(request);
  const doing = [
    ...(installing.length > 0 ? [`installing ${installing.join(', ')}`] : []),
    ...(remove.length > 0 ? [`removing ${remove.join(', ')}`] : []),
  ];
  throw new AptLayerError(
    'RESOLVE_FAILED',
    `${doing.join(' and ')} would ${remove.length > 0 ? 'also ' : ''}remove ${others.join(', ')}`,
    {
      hint: `add ${others.join(' ')} to \`remove\` in the spec if that is wanted`,
      details: { wouldRemove: others },
    },
  );
}

/** What is asked for that was not there before; all of it where that says nothing. */
function freshRequests({ install, files, prefer }: AptRequest): string[] {
  const known = new Set(prefer.flatMap(({ name, architecture }) => [name, `${name}:${architecture}`]));
  const fresh = [...install.filter(one => !known.has(one.replace(/[=/].*$/, ''))), ...files];
  return fresh.length > 0 ? fresh : [...install];
}

function withoutArchitecture(name: string): string {
  return name.split(':')[0] ?? name;
}
