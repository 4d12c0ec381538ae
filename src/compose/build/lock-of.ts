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
import { type Lock, type LockedPackage, lockedKey } from '../lock/index.ts';
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
  },
): Lock {
  const { base, request, resolution, known, originOf } = resolved;
  const requested = new Set(request.install.map(argument => argument.replace(/[:=/].*$/, '')));
  const packages = resolution.install.map(entry => locked(context, request, { entry, requested, originOf }));
  packages.sort((a, b) => (lockedKey(a) < lockedKey(b) ? -1 : 1));
  const ids = {
    ...(known?.users === undefined ? {} : { users: known.users }),
    ...(known?.groups === undefined ? {} : { groups: known.groups }),
  };
  return { version: 1, base: { request: base.request, digest: base.digest }, packages, ...ids };
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
    requested: found.requested.has(name),
  };
}
