import {
  type AptRequest,
  archivesDirectory,
  fetchDebs,
  type Resolution,
  type ResolvedPackage,
} from '../../apt/index.ts';
import { installedIn } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import {
  type BuildContext,
  type MetadataPolicy,
  resolvePackages,
  type SourcedImage,
} from '../../layer/index.ts';
import { lastingWarning, log, step, warn } from '../../report/index.ts';
import { diffLocks, hasStages, type Lock, stageCount, withStagesOf } from '../lock/index.ts';
import { type DebRequest, isDebRequest, type Spec } from '../spec/index.ts';
import { type Base, resolveBase } from './base.ts';
import { type EditedFrom, keepingStages } from './edited.ts';
import { installedTest } from './installed-test.ts';
import { withKeptInputs } from './kept-inputs.ts';
import { lockOf } from './lock-of.ts';
import { planLocked } from './locked.ts';
import { checkMultiArch } from './multi-arch.ts';
import { planEdited } from './plan-edited.ts';
import { preparedBase } from './prepared.ts';
import { requestOf } from './request-of.ts';
import { withNetworkNoted } from './scripts-network.ts';
import { atSnapshot } from './snapshot.ts';
import { specArchives } from './spec-archives.ts';

export interface BuildOptions {
  readonly metadata: MetadataPolicy;
  /** Versions to keep to where the archive still has them. */
  readonly lock?: Lock;
  /** Make nothing, not even a base that is missing. */
  readonly dryRun?: boolean;
  /** Take the packages of `lock` and resolve nothing. */
  readonly locked?: boolean;
  /** The deployment whose spec is edited: what its lock has stays in its stages as far as it can. Without it a lock gets one stage, unless `lock` fits. */
  readonly edited?: EditedFrom;
  /** Follow the base's name to what it means now instead of staying with that of `lock`. */
  readonly newestBase?: boolean;
  /** A base of a Containerfile stays that of `lock`, whatever became of its context: the lock is that of a deployment which is changed. */
  readonly staysOnBase?: boolean;
  /** Build a Containerfile with nothing from the engine's cache. */
  readonly noCache?: boolean;
  /** The newest base was built a moment ago, for another attempt. */
  readonly isBaseBuilt?: boolean;
}

/** What a build is going to use: everything but the build itself. */
export interface BuildPlan {
  /** Paths in it lead to something; see `originOf`. */
  readonly spec: Spec;
  /** What the spec calls the file at a path of `spec`. */
  readonly originOf: (path: string) => string;
  readonly base: Base;
  /** The base as a plain root, with the spec's repositories. */
  readonly prepared: SourcedImage;
  readonly request: AptRequest;
  readonly resolution: Resolution;
  readonly lock: Lock;
  /** Whether a package is that of a lock that was there, and is fetched by its address in it. */
  readonly isLocked: (one: Pick<ResolvedPackage, 'name' | 'architecture'>) => boolean;
}

/** Resolves a spec to exact packages. */
export async function planBuild(
  context: BuildContext,
  wanted: Spec,
  options: BuildOptions,
): Promise<BuildPlan> {
  const { spec, originOf } = await withKeptInputs(context, atSnapshot(wanted), options.lock);
  const base = await resolveBase(context, spec, {
    onlyExisting: options.dryRun === true,
    metadata: options.metadata,
    locked: options.lock?.base,
    newest: options.newestBase === true,
    staysOnBase: options.staysOnBase === true,
    noCache: options.noCache === true,
    isBuilt: options.isBaseBuilt === true,
    onlyLocked: options.locked === true,
  });
  const archives = specArchives(spec, options.metadata);
  const prepared = { ...preparedBase(context, base, spec), archives };
  const { edited, lock: known } = options;
  if (options.locked && known !== undefined) {
    const pathOf = await debPaths(context, spec, options.metadata);
    const locked = planLocked(context, { spec, base, lock: known, pathOf, originOf });
    const lock = withNetworkNoted(locked.lock, spec, originOf);
    return { spec, originOf, base, prepared, ...locked, lock };
  }
  const isInBase = installedTest(installedIn(context.store, base.tree));
  const pathOf = await debPaths(context, spec, options.metadata);
  warnOfMissing(context, spec, isInBase);
  // What the lock is without by now is to be resolved anew.
  const isWhole = edited?.lock.packages.length === known?.packages.length;
  if (edited !== undefined && isWhole) {
    const sources = { wanted: atSnapshot(wanted), from: edited, metadata: options.metadata };
    const plan = await planEdited(context, { ...sources, spec, base, prepared, pathOf, originOf, isInBase });
    if (plan !== undefined)
      return { spec, originOf, base, ...plan, lock: withNetworkNoted(plan.lock, spec, originOf) };
  }
  const fromBase = { spec, base, prepared, pathOf, originOf, isInBase };
  return { spec, originOf, base, prepared, ...(await resolvedFromBase(context, fromBase, options)) };
}

/** What apt would do on the base, with the versions of the lock where the archive still has them. */
async function resolvedFromBase(
  context: BuildContext,
  sources: Pick<BuildPlan, 'spec' | 'base' | 'prepared' | 'originOf'> & {
    readonly pathOf: (deb: DebRequest) => string;
    readonly isInBase: (name: string) => boolean;
  },
  options: BuildOptions,
): Promise<Pick<BuildPlan, 'request' | 'resolution' | 'lock' | 'isLocked'>> {
  const { spec, base, prepared, pathOf, originOf, isInBase } = sources;
  const { edited, lock: known, metadata } = options;
  const asked = requestOf(spec, { lock: known, pathOf, isInBase, native: context.host.architecture });
  const request = { ...asked, install: [...asked.install, ...newerOf(context, base)] };
  const idle = request.install.length + request.files.length + request.remove.length === 0;
  if (!idle) assertDebian(base);
  const resolution: Resolution = idle
    ? { install: [], remove: [], installedBytes: 0 }
    : await step(context.host.report, 'resolve', 'Resolving packages', () =>
        resolvePackages(context, prepared, { request, metadata }).catch(async (error: unknown) => {
          // apt says that it cannot be, this says why.
          await checkMultiArch(context, prepared, { spec, isInBase });
          throw error;
        }),
      );
  await checkMultiArch(context, prepared, { spec, isInBase });
  const resolved = lockOf(context, { base, request, resolution, known, originOf });
  const staged =
    edited === undefined ? asLocked(context, known, resolved) : keepingStages(context, edited, resolved);
  const lock = withNetworkNoted(staged, spec, originOf);
  if (known !== undefined) warnOfRebuilt(context, known, lock);
  return { request, resolution, lock, isLocked: () => false };
}

/** Says what is to be removed from a base that does not have it. */
function warnOfMissing(
  { host, warnings }: BuildContext,
  { remove, overrides }: Spec,
  isInBase: (name: string) => boolean,
): void {
  const removed = overrides.flatMap(one => (one.kind === 'remove' ? [one.package] : []));
  const missing = [...new Set([...remove, ...removed])].filter(name => !isInBase(name));
  warn(host.report, warnings, {
    all: missing.map(name =>
      lastingWarning(['not in the base', name], `${name} is to be removed, but the base does not have it`),
    ),
  });
}

/** A lock that fits keeps its stages; what takes the place of another one is one stage. */
function asLocked({ host }: BuildContext, known: Lock | undefined, resolved: Lock): Lock {
  if (known === undefined || !hasStages(known.packages)) return resolved;
  const same = withStagesOf(known, resolved);
  if (same === undefined)
    log(
      host.report,
      'info',
      `the lock has other packages than the spec resolves to: its ${stageCount(known)} stages become one`,
    );
  return same ?? resolved;
}

/** Packages can be layered where apt and dpkg are there to do it. */
function assertDebian({ request, tree }: Base): void {
  const missing = ['/usr/bin/apt-get', '/usr/bin/dpkg'].filter(
    path => lookup(tree, fromText(path)) === undefined,
  );
  if (missing.length === 0) return;
  throw new AptLayerError(
    'RESOLVE_FAILED',
    `packages cannot be layered on ${request}: it is no Debian and no Ubuntu, since it has no ${missing.join(' and no ')}`,
    { hint: 'take a base that has apt and dpkg, or take the packages out of the spec' },
  );
}

/** Says where each .deb is that a spec gives by itself; those with an address are fetched. */
async function debPaths(
  context: BuildContext,
  spec: Spec,
  { offline }: MetadataPolicy,
): Promise<(deb: DebRequest) => string> {
  const debs = [
    ...spec.layers.filter(isDebRequest),
    ...spec.overrides.flatMap(one => (one.kind === 'with' ? one.debs : [])),
  ];
  const remote = debs.filter(deb => deb.kind === 'url');
  const directory = `${archivesDirectory(context.sysroot)}/by-address`;
  const paths = await fetchDebs(context.host, remote, { directory, network: !offline });
  return deb => (deb.kind === 'file' ? deb.path : (paths.get(deb.sha256) as string));
}

/** What makes the newest base of one that must stay as it is, as apt is asked for it. */
function newerOf({ store }: BuildContext, { tree, newer = [] }: Base): string[] {
  const installed = installedIn(store, tree);
  return newer
    .filter(one => installed.get(`${one.name}:${one.architecture}`)?.version !== one.version)
    .map(({ name, architecture, version }) =>
      architecture === 'all' ? `${name}=${version}` : `${name}:${architecture}=${version}`,
    );
}

/** The same version with other bytes is rarely meant. */
function warnOfRebuilt({ host }: BuildContext, before: Lock, after: Lock): void {
  for (const { name, to } of diffLocks(before, after).rebuilt)
    log(
      host.report,
      'warning',
      `${name} ${to} has other contents than the ${to} before: its archive or file was replaced`,
      {
        package: name,
        version: to,
      },
    );
}
