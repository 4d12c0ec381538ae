import { AptLayerError } from '../../errors/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { log, step } from '../../report/index.ts';
import { type BuildOptions, type BuildPlan, planBuild } from '../build/index.ts';
import { inOneStage, type Lock, type LockedPackage } from '../lock/index.ts';
import { isDebRequest, packageKey, type Spec } from '../spec/index.ts';

/** A package that stays at the version of the deployment before, since its newest one cannot be installed. */
export interface KeptPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** What apt says of the newest one. */
  readonly reason: string;
}

export interface UpgradePlan {
  readonly plan: BuildPlan;
  readonly kept: readonly KeptPackage[];
  /** The base stays too, since what is layered goes with no newer one. */
  readonly keepsBase: boolean;
}

export interface UpgradePlanOptions {
  readonly build: Omit<BuildOptions, 'lock' | 'locked' | 'newestBase'>;
  /** Of the deployment that is upgraded. */
  readonly lock: Lock;
  /** Keep what blocks instead of failing. */
  readonly skipBlocked: boolean;
}

/** More requests than these are not tried one by one. */
const TRIED_MAX = 50;

/**
 * The newest of everything: base and layers are resolved with no memory of the lock but its accounts. Where that is not
 * possible: RESOLVE_FAILED that names what blocks it or, with `skipBlocked`, a plan that keeps as little as it can.
 */
export async function planUpgrade(
  context: BuildContext,
  spec: Spec,
  options: UpgradePlanOptions,
): Promise<UpgradePlan> {
  try {
    return { plan: await attempt(context, spec, options, { packages: [] }), kept: [], keepsBase: false };
  } catch (error) {
    if (!isResolutionFailure(error)) throw error;
    // Lists are as fresh as they get by now.
    const again = {
      ...options,
      build: { ...options.build, metadata: { ...options.build.metadata, refresh: false }, isBaseBuilt: true },
    };
    return withBlocked(context, spec, { ...again, failure: error });
  }
}

interface Attempt {
  /** Versions to stay with. */
  readonly packages: readonly LockedPackage[];
  /** Stay with the base of the lock. */
  readonly keepsBase?: boolean;
}

function attempt(
  context: BuildContext,
  spec: Spec,
  { build, lock }: UpgradePlanOptions,
  { packages, keepsBase = false }: Attempt,
): Promise<BuildPlan> {
  return planBuild(context, spec, {
    ...build,
    lock: inOneStage({ ...lock, packages }),
    newestBase: !keepsBase,
    staysOnBase: keepsBase,
  });
}

type Failed = UpgradePlanOptions & { readonly failure: AptLayerError };

async function withBlocked(context: BuildContext, spec: Spec, failed: Failed): Promise<UpgradePlan> {
  const blocking = await step(context.host.report, 'blocked', 'Finding out what blocks it', () =>
    findBlocking(context, spec, failed),
  );
  const kept = failed.lock.packages.filter(one => blocking.has(one.name));
  if (!failed.skipBlocked) throw blockedError(failed, blocking, kept);
  const reasonOf = (one: LockedPackage) =>
    blocking.get(one.name) ?? 'another package that is kept needs this version';
  for (const keepsBase of [false, true]) {
    const found = await keepMore(context, spec, failed, { packages: kept, keepsBase });
    if (found === undefined) continue;
    const { plan, packages } = found;
    const stays = packages.filter(one =>
      plan.lock.packages.some(({ name, version }) => name === one.name && version === one.version),
    );
    for (const one of stays)
      log(context.host.report, 'warning', `${one.name} stays at ${one.version}: ${reasonOf(one)}`);
    return {
      plan,
      keepsBase,
      kept: stays.map(one => ({
        name: one.name,
        architecture: one.architecture,
        version: one.version,
        reason: reasonOf(one),
      })),
    };
  }
  throw blockedError({ ...failed, skipBlocked: true }, blocking, kept);
}

/** Keeps, beside what blocks, what the next failure names, and in the end every package of the lock. */
async function keepMore(
  context: BuildContext,
  spec: Spec,
  failed: Failed,
  first: Attempt,
): Promise<{ plan: BuildPlan; packages: readonly LockedPackage[] } | undefined> {
  const { lock } = failed;
  let packages = first.packages;
  for (;;) {
    try {
      return { plan: await attempt(context, spec, failed, { ...first, packages }), packages };
    } catch (error) {
      if (!isResolutionFailure(error)) throw error;
      if (packages.length === lock.packages.length) return undefined;
      const named = namesIn(error.message);
      const more = lock.packages.filter(one => packages.includes(one) || named.has(one.name));
      packages = more.length > packages.length ? more : lock.packages;
    }
  }
}

/** The requested packages whose newest version cannot be installed, with apt's reasons. */
async function findBlocking(context: BuildContext, spec: Spec, failed: Failed): Promise<Map<string, string>> {
  const blocking = new Map<string, string>();
  const requests = spec.layers.filter(request => !isDebRequest(request));
  for (const request of requests.slice(0, TRIED_MAX))
    try {
      await attempt(context, { ...spec, layers: [request] }, failed, { packages: [] });
    } catch (error) {
      if (!isResolutionFailure(error)) throw error;
      blocking.set(nameOf(packageKey(request)), reasonIn(error));
    }
  if (blocking.size > 0) return blocking;
  // Each of them could be alone: they exclude each other.
  const named = namesIn(failed.failure.message);
  for (const request of requests) {
    const name = nameOf(packageKey(request));
    if (named.has(name)) blocking.set(name, reasonIn(failed.failure));
  }
  return blocking;
}

function blockedError(
  { failure, lock, skipBlocked }: Failed,
  blocking: ReadonlyMap<string, string>,
  kept: readonly LockedPackage[],
): AptLayerError {
  if (blocking.size === 0) return failure;
  const current = (name: string) => {
    const found = lock.packages.find(one => one.name === name);
    return found === undefined ? '' : ` (now ${found.version})`;
  };
  const lines = [...blocking].map(([name, reason]) => `  ${name}${current(name)}: ${reason}`);
  const names = [...blocking.keys()].join(' ');
  const keep = `keep what blocks as it is with \`apt-layer upgrade --skip-blocked\`, or drop it with \`apt-layer unlayer ${names}\``;
  const gone = `the archive does not have the present versions any more, so nothing can be kept: wait for it, or \`apt-layer unlayer ${names}\``;
  return new AptLayerError(
    'RESOLVE_FAILED',
    `the newest versions cannot be installed; this blocks the upgrade:\n${lines.join('\n')}`,
    {
      hint: kept.length === 0 ? 'leave it out' : skipBlocked ? gone : keep,
      details: { blocking: [...blocking].map(([name, reason]) => ({ package: name, reason })) },
      cause: failure,
    },
  );
}

function isResolutionFailure(error: unknown): error is AptLayerError {
  return error instanceof AptLayerError && error.code === 'RESOLVE_FAILED';
}

/** Everything in a message that may be the name of a package. */
function namesIn(message: string): Set<string> {
  return new Set(message.match(/[a-z0-9][a-z0-9+._-]+/g) ?? []);
}

/** The lines of a message behind its heading, as one line. */
function reasonIn({ message }: AptLayerError): string {
  const [heading = '', ...lines] = message.split('\n').map(line => line.trim());
  return lines.length === 0 ? heading : lines.slice(0, 5).join('; ');
}

function nameOf(key: string): string {
  return key.replace(/:.*$/, '');
}
