import {
  archiveHash,
  archivesDirectory,
  type BootstrapPlan,
  baseConfiguration,
  bootstrapArchives,
  fetchArchives,
  fetchByHostApt,
  fetchLists,
  type HostApt,
  metadataAge,
  outdatedArchives,
  type Resolution,
  type ResolvedPackage,
  readAcquireOptions,
  resolveBootstrap,
} from '../../apt/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree } from '../../formats/tree/index.ts';
import { step } from '../../report/index.ts';
import { type AssemblyPackage, essentialPackages } from '../assemble/index.ts';
import { imageOf } from '../built-image.ts';
import type { BuildContext } from '../context.ts';
import { finishTree } from '../finish/index.ts';
import { openLists, withHostApt } from '../image-archives.ts';
import { epochOf, type Installation, importedPackages, installAssembled } from '../install/index.ts';
import { ensureFresh, type MetadataPolicy } from '../metadata.ts';
import type { DebFile } from '../package/index.ts';
import { placeFile } from '../place.ts';
import { fetchByLock } from '../resolve.ts';
import { bootstrapEssential } from './essential.ts';

/** The packages of a base. */
export interface BasePackages extends Pick<Resolution, 'install' | 'installedBytes' | 'expired'> {
  /** Names of those that are wanted for themselves; the others are there because these need them. */
  readonly requested: readonly string[];
}

/**
 * The tree of a base system, and what it was made of. It is assembled from the packages of an archive, or from those of a lock, for which no list
 * of an archive is read: dpkg's records are those of an ordinary installation, and nothing of this host, no cache, no log and no time of today is in
 * it: the same packages give the same tree. Throws NETWORK, SIGNATURE, RESOLVE_FAILED, DPKG_FAILED, and INTEGRITY for a package that is not as locked.
 */
export function bootstrap(
  context: BuildContext,
  plan: BootstrapPlan,
  options: { readonly policy: MetadataPolicy; readonly locked?: BasePackages | undefined },
): Promise<{ readonly tree: Tree; readonly packages: BasePackages }> {
  const { policy, locked } = options;
  return withArchive(context, plan, async apt => {
    const packages = locked ?? (await resolved(plan, apt, policy));
    const fetched = await packagesOf(context, apt, { ...packages, policy, isLocked: locked !== undefined });
    return { tree: await assembled(context, plan, { packages: fetched, of: packages }), packages };
  });
}

/** The packages that `bootstrap` would make a base of now. Throws NETWORK, SIGNATURE, RESOLVE_FAILED. */
export function bootstrapPackages(
  context: BuildContext,
  plan: BootstrapPlan,
  policy: MetadataPolicy,
): Promise<Resolution['install']> {
  return withArchive(context, plan, async apt => (await resolved(plan, apt, policy)).install);
}

/** Fetches the package lists that bases are made from. Throws NETWORK, SIGNATURE, RESOLVE_FAILED. */
export async function refreshBootstrapLists(context: BuildContext, plan: BootstrapPlan): Promise<void> {
  await withArchive(context, plan, fetchLists);
}

async function withArchive<T>(
  context: BuildContext,
  plan: BootstrapPlan,
  action: (apt: HostApt) => Promise<T>,
): Promise<T> {
  const { host } = context;
  const acquire = await readAcquireOptions(host);
  const lists = openLists(context, bootstrapArchives(host, plan, acquire), acquire);
  return withHostApt(context, lists, action, { suite: plan.suite, keyring: plan.keyring.path });
}

async function resolved(
  plan: BootstrapPlan,
  apt: HostApt,
  policy: MetadataPolicy,
): ReturnType<typeof resolveBootstrap> {
  const { host, cache } = apt;
  await ensureFresh(host.report, policy, {
    of: plan.suite,
    age: metadataAge(host, cache),
    refresh: () => fetchLists(apt),
  });
  const found = await step(host.report, 'resolve', `Resolving the packages of ${plan.suite}`, () =>
    resolveBootstrap(apt, plan.variant),
  );
  const expired = outdatedArchives(host, apt);
  return { ...found, ...(expired.length > 0 && { expired }) };
}

async function assembled(
  context: BuildContext,
  plan: BootstrapPlan,
  { packages, of }: { packages: readonly AssemblyPackage[]; of: BasePackages },
): Promise<Tree> {
  const { host } = context;
  const installation = installationOf(plan, packages, of);
  const essential = essentialPackages(packages);
  let tree = await bootstrapEssential(context, [...essential], installation);
  const rest = packages.filter(one => !essential.has(one));
  if (rest.length > 0)
    tree = await installAssembled(context, imageOf(context, tree), {
      packages: rest,
      installation,
      debs: new Map(),
    });
  const has = (path: string) => lookup(tree, fromText(path)) !== undefined;
  for (const file of baseConfiguration(host.sys, plan, has)) tree = placeFile(context.store, tree, file);
  return finishTree(context, tree, {
    epochSeconds: installation.epochSeconds,
    ids: { users: {}, groups: {} },
  });
}

async function packagesOf(
  context: BuildContext,
  apt: HostApt,
  options: Pick<BasePackages, 'install'> & { policy: MetadataPolicy; isLocked: boolean },
): Promise<AssemblyPackage[]> {
  const entries = new Map<string, ResolvedPackage>();
  const { policy, isLocked } = options;
  const { offline } = policy;
  const debs = sorted(options.install).map((entry): DebFile => {
    const path = `${archivesDirectory(context.sysroot)}/${entry.fileName}`;
    entries.set(path, entry);
    return { path, sha256: archiveHash(entry), size: entry.size };
  });
  return importedPackages(context, debs, wanted => {
    const packages = wanted.map(deb => entries.get(deb.path) as ResolvedPackage);
    if (isLocked) return fetchByLock(context, apt, { packages, offline });
    const { acquire, cache } = apt;
    const byApt = (rest: readonly ResolvedPackage[]) => fetchByHostApt(apt, rest);
    return fetchArchives(context.host, { acquire, cache, packages, network: !offline, byApt });
  });
}

/** One order, whether apt or a lock names them. */
function sorted(packages: readonly ResolvedPackage[]): ResolvedPackage[] {
  const key = ({ name, architecture }: ResolvedPackage) => `${name}:${architecture}`;
  return packages.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function installationOf(
  plan: BootstrapPlan,
  packages: readonly AssemblyPackage[],
  resolution: BasePackages,
): Installation {
  const requested = new Set(resolution.requested);
  return {
    automatic: new Set(packages.filter(one => !requested.has(one.name)).map(one => one.name)),
    epochSeconds: epochOf(undefined, packages),
    installedBytes: resolution.installedBytes,
    architecture: plan.architecture,
    fetch: () => Promise.resolve(),
  };
}
