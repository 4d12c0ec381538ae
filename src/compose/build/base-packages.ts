import { archiveHash, type ResolvedPackage, resolvedPackage } from '../../apt/index.ts';
import { AptLayerError, errnoOf } from '../../errors/index.ts';
import { ensureDirectory, listDirectory, readFileIfExists, writeFileDurable } from '../../fs/index.ts';
import type { BasePackages, BuildContext } from '../../layer/index.ts';
import { log } from '../../report/index.ts';
import { hasImage } from '../../store/index.ts';
import { type LockedBase, type LockedPackage, parseLock, serializeLock } from '../lock/index.ts';

/** Addresses may have logins. */
const MODE = 0o600;
const MAX_BYTES = 64 * 1024 * 1024;

const directoryOf = (sysroot: string) => `${sysroot}/state/bases`;
const fileOf = (sysroot: string, digest: string) => `${directoryOf(sysroot)}/${digest}.json`;

/** The packages that a base was made of, as a lock has them. */
export function lockedPackagesOf({ install, requested }: BasePackages): LockedPackage[] {
  const named = new Set(requested);
  return install.map(one => {
    const { name, architecture, version, size, uri } = one;
    return { name, architecture, version, sha256: archiveHash(one), size, uri, requested: named.has(name) };
  });
}

/** The packages that a lock has of a base, as what it is to be made of. */
export function basePackagesOf(packages: readonly LockedPackage[]): BasePackages {
  return {
    install: packages.map(one => resolvedOf(one)),
    installedBytes: installedBytesOf(packages),
    requested: packages.filter(one => one.requested).map(one => one.name),
  };
}

/** A package of a lock as apt would name it. `uri`: where it is when that is not where the lock says. */
export function resolvedOf(one: LockedPackage, uri = one.uri): ResolvedPackage {
  return resolvedPackage(one, { size: one.size, sha256: one.sha256, uri });
}

/** About what unpacking adds: that is not in a lock, and packages are packed to a third or so. */
export function installedBytesOf(packages: readonly LockedPackage[]): number {
  return 3 * packages.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Keeps what an `apt://` base is made of, for locks of other specs that are built on it, in `state/bases/IMAGE.json`: a lock without packages
 * on the base. Records of images that are gone go. Durable.
 */
export function recordBase({ host, store, sysroot }: BuildContext, base: LockedBase): void {
  const { sys } = host;
  ensureDirectory(sys, directoryOf(sysroot), 0o700);
  writeFileDurable(sys, fileOf(sysroot, base.digest), serializeLock({ base, packages: [] }), MODE);
  for (const name of listDirectory(sys, directoryOf(sysroot))) {
    const digest = /^([0-9a-f]+)\.json$/.exec(name)?.[1];
    if (digest !== undefined && digest !== base.digest && !hasImage(store, digest))
      sys.unlink(fileOf(sysroot, digest));
  }
}

/** What `recordBase` kept; nothing where it kept nothing, and, with a warning, where that cannot be read: only new locks need it. */
export function recordedBase(
  { host, sysroot }: Pick<BuildContext, 'host' | 'sysroot'>,
  digest: string,
): LockedBase | undefined {
  const file = fileOf(sysroot, digest);
  try {
    const text = readFileIfExists(host.sys, file, MAX_BYTES);
    return text === undefined ? undefined : parseLock(text, file).base;
  } catch (error) {
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    const message = `new locks do not say what their base is made of: ${(error as Error).message}`;
    log(host.report, 'warning', message, { file });
    return undefined;
  }
}
