import { createHash } from 'node:crypto';
import {
  type AptRequest,
  archiveHash,
  LOCAL_DEBS,
  type Resolution,
  type ResolvedPackage,
} from '../../apt/index.ts';
import { readFileBytes } from '../../fs/index.ts';
import { archivePath, type BuildContext } from '../../layer/index.ts';
import { inLockOrder, type Lock, type LockedBase, type LockedPackage, lockedKey } from '../lock/index.ts';
import type { Base } from './base.ts';

const DEB_MAX_BYTES = 4 * 1024 ** 3;

/** The lock that a resolution amounts to; the numbers of accounts are those of the `known` lock. Local .deb files are hashed here; the rest has the archive's hashes. */
export function lockOf(
  context: BuildContext,
  resolved: {
    base: Base;
    request: AptRequest;
    resolution: Resolution;
    known: Lock | undefined;
    /** What the spec calls a local .deb. */
    originOf: (path: string) => string;
    /** Packages that stay as they were locked, but for whether they are asked for; those of `files`, by SHA-256, are. */
    kept?: readonly LockedPackage[];
    files?: ReadonlyMap<string, string>;
  },
): Lock {
  const { base, request, resolution, known, originOf, kept = [], files } = resolved;
  const requested = requestedKeys(context.host.architecture, request, [...kept, ...resolution.install]);
  const packages = inLockOrder([
    ...kept.map(one => ({
      ...one,
      requested: requested.has(lockedKey(one)) || files?.has(one.sha256) === true,
    })),
    ...resolution.install.map(entry => locked(context, request, { entry, requested, originOf })),
  ]);
  const ids = {
    ...(known?.users === undefined ? {} : { users: known.users }),
    ...(known?.groups === undefined ? {} : { groups: known.groups }),
  };
  const { remove, expired } = resolution;
  return {
    base: lockedBase(base),
    packages,
    ...(remove.length > 0 && { removed: remove }),
    ...(expired !== undefined && { expired }),
    ...ids,
  };
}

function lockedBase({
  request,
  digest,
  settings,
  manifest,
  check,
  context,
  packages,
  expired,
}: Base): LockedBase {
  return {
    ...{ request, digest },
    ...(manifest !== undefined && { manifest }),
    ...(check !== undefined && { check }),
    ...(context !== undefined && { context }),
    ...(packages !== undefined && settings !== undefined && { settings, packages }),
    ...(expired !== undefined && { expired }),
  };
}

/**
 * Those of the packages that apt was asked for, by name and architecture: without one, a name means that of the system or `all`; apt takes
 * another only where neither is to be had.
 */
function requestedKeys(
  native: string,
  request: AptRequest,
  install: readonly Pick<LockedPackage, 'name' | 'architecture'>[],
): ReadonlySet<string> {
  return new Set(
    request.install.flatMap(argument => {
      const [name = '', architecture] = argument.replace(/[=/].*$/, '').split(':');
      const found = install.filter(one => one.name === name);
      const own = found.filter(
        one => one.architecture === 'all' || one.architecture === (architecture ?? native),
      );
      return (own.length > 0 || architecture !== undefined ? own : found).map(lockedKey);
    }),
  );
}

function locked(
  context: BuildContext,
  request: AptRequest,
  found: { entry: ResolvedPackage; requested: ReadonlySet<string>; originOf: (path: string) => string },
): LockedPackage {
  const { entry } = found;
  const { name, architecture, version, size, uri } = entry;
  if (uri.startsWith(`file:${LOCAL_DEBS}/`)) {
    const local = archivePath(context, request, entry);
    const bytes = readFileBytes(context.host.sys, local, DEB_MAX_BYTES);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return {
      name,
      architecture,
      version,
      sha256,
      size: bytes.length,
      uri: `file://${found.originOf(local)}`,
      requested: true,
    };
  }
  return {
    name,
    architecture,
    version,
    sha256: archiveHash(entry),
    size,
    uri,
    requested: found.requested.has(lockedKey(entry)),
  };
}
