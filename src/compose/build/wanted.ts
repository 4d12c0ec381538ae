import type { AptRequest, Resolution } from '../../apt/index.ts';
import { archivePath, type BuildContext, type WantedPackage } from '../../layer/index.ts';
import { type LockedPackage, lockedKey } from '../lock/index.ts';

/**
 * Packages of a lock as they are to be installed, with where each archive is or is going to be: all as if only others needed them. Which were asked
 * for is said when all stages are there, so that asking for one that is there makes no stage anew.
 */
export function wantedPackages(
  context: BuildContext,
  plan: { packages: readonly LockedPackage[]; request: AptRequest; resolution: Resolution },
): WantedPackage[] {
  const { packages, request, resolution } = plan;
  const paths = new Map(
    resolution.install.map(entry => [lockedKey(entry), archivePath(context, request, entry)]),
  );
  return packages.map(({ name, architecture, sha256, size }) => {
    const path = paths.get(lockedKey({ name, architecture }));
    if (path === undefined) throw new Error(`${name} is in the lock but not in the resolution`);
    return { name, architecture, requested: false, deb: { path, sha256, size } };
  });
}
