import { type AptRequest, LOCAL_DEBS, type Resolution } from '../../apt/index.ts';
import { installedIn } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { hashFile } from '../../fs/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import type { Lock } from '../lock/index.ts';
import { type DebRequest, isDebRequest, renderPackageRequest, type Spec } from '../spec/index.ts';
import type { Base } from './base.ts';
import { installedBytesOf, resolvedOf } from './base-packages.ts';
import { multiArchRequests } from './request-of.ts';

interface LockedSources {
  readonly spec: Spec;
  readonly base: Base;
  readonly lock: Lock;
  /** Where each .deb is that the spec gives by itself. */
  readonly pathOf: (deb: DebRequest) => string;
  /** What the spec calls the file at a path. */
  readonly originOf: (path: string) => string;
}

interface LockedPlan {
  readonly request: AptRequest;
  readonly resolution: Resolution;
  readonly lock: Lock;
  readonly isLocked: () => true;
}

/**
 * What a lock says is to be installed and removed: nothing is resolved, and no list of an archive is read. CONFIG_INVALID names what the spec asks
 * for and the lock lacks, or the other way round; INTEGRITY a file with other bytes than were locked.
 */
export function planLocked(context: BuildContext, sources: LockedSources): LockedPlan {
  const { base, lock } = sources;
  // What a Containerfile and its context are is known by their digest, wherever they lie.
  if (base.request !== lock.base.request && base.context === undefined)
    throw stale(`the spec is built on ${base.request}, the lock on ${lock.base.request}`);
  if (base.digest !== lock.base.digest)
    throw new AptLayerError(
      'RESOLVE_FAILED',
      `the lock does not hold any more: ${base.request} is ${base.digest.slice(0, 12)}, and not ${lock.base.digest.slice(0, 12)}`,
      {
        hint: 'bring the image that was locked into the store, or write a new lock with `apt-layer compose lock`',
      },
    );
  const files = filesOf(context, sources);
  assertComplete(context, sources, files);
  const paths = [...new Set(files.values())];
  const request: AptRequest = { install: [], files: paths, remove: [], prefer: [] };
  const install = lock.packages.map(one => {
    const file = paths.indexOf(files.get(one.sha256) ?? '');
    return file < 0 ? resolvedOf(one) : resolvedOf(one, `file:${LOCAL_DEBS}/${file}.deb`);
  });
  const installedBytes = installedBytesOf(lock.packages);
  const resolution: Resolution = { install, remove: lock.removed ?? [], installedBytes };
  // What this machine found says more here than what the one that wrote the lock did.
  const check = base.check ?? lock.base.check;
  const own = {
    ...lock,
    base: { ...lock.base, request: base.request, ...(check !== undefined && { check }) },
  };
  return { request, resolution, lock: own, isLocked: () => true };
}

/** The files that a spec gives by itself, by their SHA-256. */
function filesOf(
  { host }: BuildContext,
  { spec, lock, pathOf, originOf }: LockedSources,
): Map<string, string> {
  const debs = [
    ...spec.layers.filter(isDebRequest),
    ...spec.overrides.flatMap(one => (one.kind === 'with' ? one.debs : [])),
  ];
  const files = new Map<string, string>();
  for (const deb of debs) {
    const path = pathOf(deb);
    const sha256 = hashFile(host.sys, path);
    if (!lock.packages.some(one => one.sha256 === sha256)) {
      const origin = originOf(path);
      const known = lock.packages.find(({ uri }) => uri === `file://${origin}`);
      if (known === undefined) throw stale(`the lock does not have ${renderPackageRequest(deb)}`);
      throw new AptLayerError(
        'INTEGRITY',
        `${origin} is not what was locked: its SHA-256 is ${sha256}, and not ${known.sha256}`,
        {
          hint: 'put the file back that was there, or write a new lock with `apt-layer compose lock`',
          details: { path: origin, expected: known.sha256, actual: sha256 },
        },
      );
    }
    files.set(sha256, path);
  }
  return files;
}

/** Throws unless everything that the spec asks for is in the lock or in the base, and nothing is in the lock that it does not ask for. */
function assertComplete(
  { host, store }: BuildContext,
  { spec, base, lock }: LockedSources,
  files: ReadonlyMap<string, string>,
): void {
  const installed = installedIn(store, base.tree);
  const removed = new Set((lock.removed ?? []).map(nameOf));
  const native = host.architecture;
  const asked = new Set<string>();
  const versionsOf = (name: string, architecture: string | undefined) => {
    asked.add(nameOf(name));
    const isIt = (one: { architecture: string }) =>
      [architecture ?? native, 'all'].includes(one.architecture);
    const locked = lock.packages.filter(one => one.name === name);
    // A name alone is a foreign package only where there is no other.
    const fitting = locked.filter(isIt);
    const found = fitting.length > 0 || architecture !== undefined ? fitting : locked;
    const inBase = [...installed.values()].filter(one => one.name === name && isIt(one));
    return {
      locked: found.map(one => one.version),
      base: removed.has(name) ? [] : inBase.map(one => one.version),
    };
  };
  const assertThere = (name: string, architecture: string | undefined, version?: string) => {
    const { locked, base: inBase } = versionsOf(name, architecture);
    const all = locked.length > 0 ? locked : inBase;
    const what = architecture === undefined ? name : `${name}:${architecture}`;
    if (all.length === 0) throw stale(`the spec asks for ${what}, which is in neither the lock nor the base`);
    if (version !== undefined && !all.includes(version))
      throw stale(`the spec asks for ${what}=${version}, the lock has ${all.join(', ')}`);
  };
  for (const one of spec.layers)
    if (!isDebRequest(one))
      assertThere(one.name, one.architecture, one.kind === 'version' ? one.version : undefined);
  for (const text of multiArchRequests(spec, native)) {
    const [name = '', architecture] = text.split(':');
    assertThere(name, architecture);
  }
  for (const override of spec.overrides) {
    const [name = '', architecture] = override.package.split(':');
    asked.add(name);
    const { locked, base: inBase } = versionsOf(name, architecture);
    const isThere = locked.length + inBase.length > 0;
    if (override.kind === 'version' && isThere) assertThere(name, architecture, override.version);
  }
  const gone = spec.overrides.flatMap(one => (one.kind === 'remove' ? [one.package] : []));
  const kept = [...spec.remove, ...gone].filter(
    name => [...installed].some(([key, one]) => [key, one.name].includes(name)) && !removed.has(nameOf(name)),
  );
  if (kept.length > 0) throw stale(`the spec removes ${kept.join(', ')}, the lock does not`);
  const more = lock.packages.filter(
    ({ name, sha256, requested }) => requested && !asked.has(name) && !files.has(sha256),
  );
  if (more.length > 0)
    throw stale(`the lock has ${more.map(({ name }) => name).join(', ')}, which the spec does not ask for`);
  const wrongly = [...removed].filter(name => ![...spec.remove, ...gone].some(one => nameOf(one) === name));
  if (wrongly.length > 0) throw stale(`the lock removes ${wrongly.join(', ')}, the spec does not`);
}

function nameOf(text: string): string {
  return text.split(':')[0] ?? text;
}

function stale(what: string): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', `the lock is not of this spec: ${what}`, {
    hint: 'write a new lock with `apt-layer compose lock`',
  });
}
