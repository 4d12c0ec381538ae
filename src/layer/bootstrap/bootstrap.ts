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
import { bootstrapEssential } from './essential.ts';

/**
 * The tree of a base system, assembled from the packages of an archive: dpkg's records are those of an ordinary
 * installation, and nothing of this host, no cache, no log and no time of today is in it: the same packages give the
 * same tree. Throws NETWORK, SIGNATURE, RESOLVE_FAILED, DPKG_FAILED.
 */
export function bootstrap(context: BuildContext, plan: BootstrapPlan, policy: MetadataPolicy): Promise<Tree> {
  return withArchive(context, plan, apt => assembled(context, { plan, apt, policy }));
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
  return step(host.report, 'resolve', `Resolving the packages of ${plan.suite}`, () =>
    resolveBootstrap(apt, plan.variant),
  );
}

async function assembled(
  context: BuildContext,
  options: { plan: BootstrapPlan; apt: HostApt; policy: MetadataPolicy },
): Promise<Tree> {
  const { host } = context;
  const { plan, apt, policy } = options;
  const resolution = await resolved(plan, apt, policy);
  const packages = await packagesOf(context, apt, { resolution, policy });
  const installation = installationOf(plan, packages, resolution);
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
  options: { resolution: Resolution; policy: MetadataPolicy },
): Promise<AssemblyPackage[]> {
  const entries = new Map<string, ResolvedPackage>();
  const debs = options.resolution.install.map((entry): DebFile => {
    const path = `${archivesDirectory(context.sysroot)}/${entry.fileName}`;
    entries.set(path, entry);
    return { path, sha256: archiveHash(entry), size: entry.size };
  });
  return importedPackages(context, debs, wanted =>
    fetchArchives(context.host, {
      acquire: apt.acquire,
      cache: apt.cache,
      packages: wanted.map(deb => entries.get(deb.path) as ResolvedPackage),
      network: !options.policy.offline,
      byApt: rest => fetchByHostApt(apt, rest),
    }),
  );
}

function installationOf(
  plan: BootstrapPlan,
  packages: readonly AssemblyPackage[],
  resolution: Awaited<ReturnType<typeof resolveBootstrap>>,
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
