import type { AptRequest, Resolution } from '../../apt/index.ts';
import { archivePath, type BuildContext, type WantedPackage } from '../../layer/index.ts';
import { type Lock, lockedKey } from '../lock/index.ts';

/** What a lock says is to be installed, with where each archive is or is going to be. */
export function wantedPackages(
  context: BuildContext,
  plan: { lock: Lock; request: AptRequest; resolution: Resolution },
): WantedPackage[] {
  const { lock, request, resolution } = plan;
  const paths = new Map(
    resolution.install.map(entry => [lockedKey(entry), archivePath(context, request, entry)]),
  );
  return lock.packages.map(({ name, architecture, sha256, size, requested }) => {
    const path = paths.get(lockedKey({ name, architecture }));
    if (path === undefined) throw new Error(`${name} is in the lock but not in the resolution`);
    return { name, architecture, requested, deb: { path, sha256, size } };
  });
}
