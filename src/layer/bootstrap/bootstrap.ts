import {
  archiveHash,
  archivesDirectory,
  type BootstrapArchive,
  type BootstrapPlan,
  baseConfiguration,
  fetchBootstrap,
  metadataAge,
  openBootstrapArchive,
  type Resolution,
  type ResolvedPackage,
  refreshBootstrap,
  resolveBootstrap,
} from '../../apt/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree } from '../../formats/tree/index.ts';
import { ensureDirectory, removeTree, temporaryBeside } from '../../fs/index.ts';
import { step } from '../../report/index.ts';
import { type AssemblyPackage, essentialPackages } from '../assemble/index.ts';
import { imageOf } from '../built-image.ts';
import type { BuildContext } from '../context.ts';
import { finishTree } from '../finish/index.ts';
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
  return withArchive(context, plan, archive => assembled(context, archive, policy));
}

/** The packages that `bootstrap` would make a base of now. Throws NETWORK, SIGNATURE, RESOLVE_FAILED. */
export function bootstrapPackages(
  context: BuildContext,
  plan: BootstrapPlan,
  policy: MetadataPolicy,
): Promise<Resolution['install']> {
  return withArchive(context, plan, async archive => (await resolved(context, archive, policy)).install);
}

/** Fetches the package lists that bases are made from. Throws NETWORK, SIGNATURE, RESOLVE_FAILED. */
export function refreshBootstrapLists(context: BuildContext, plan: BootstrapPlan): Promise<void> {
  return withArchive(context, plan, refreshBootstrap);
}

async function withArchive<T>(
  { host, sysroot, onOutput }: BuildContext,
  plan: BootstrapPlan,
  action: (archive: BootstrapArchive) => Promise<T>,
): Promise<T> {
  // Not in the transaction's own directory: apt's unprivileged user has to get there.
  const directory = temporaryBeside(archivesDirectory(sysroot));
  ensureDirectory(host.sys, directory, 0o755);
  try {
    return await action(await openBootstrapArchive(host, plan, { sysroot, directory, onOutput }));
  } finally {
    removeTree(host.sys, directory);
  }
}

async function resolved(
  { host }: BuildContext,
  archive: BootstrapArchive,
  policy: MetadataPolicy,
): ReturnType<typeof resolveBootstrap> {
  const { plan } = archive;
  await ensureFresh(host.report, policy, {
    of: plan.suite,
    age: metadataAge(host, archive.cache),
    refresh: () => refreshBootstrap(archive),
  });
  return step(host.report, 'resolve', `Resolving the packages of ${plan.suite}`, () =>
    resolveBootstrap(archive, plan.variant),
  );
}

async function assembled(
  context: BuildContext,
  archive: BootstrapArchive,
  policy: MetadataPolicy,
): Promise<Tree> {
  const { host } = context;
  const { plan } = archive;
  const resolution = await resolved(context, archive, policy);
  const packages = await packagesOf(context, archive, { resolution, policy });
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
  archive: BootstrapArchive,
  options: { resolution: Resolution; policy: MetadataPolicy },
): Promise<AssemblyPackage[]> {
  const entries = new Map<string, ResolvedPackage>();
  const debs = options.resolution.install.map((entry): DebFile => {
    const path = `${archivesDirectory(context.sysroot)}/${entry.fileName}`;
    entries.set(path, entry);
    return { path, sha256: archiveHash(entry), size: entry.size };
  });
  return importedPackages(context, debs, wanted =>
    fetchBootstrap(
      archive,
      wanted.map(deb => entries.get(deb.path) as ResolvedPackage),
      !options.policy.offline,
    ),
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
