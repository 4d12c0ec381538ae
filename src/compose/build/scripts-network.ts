import { type Lock, type LockedPackage, lockedAt } from '../lock/index.ts';
import { packageKey, type Spec } from '../spec/index.ts';

/** The lock with a mark at each package whose scripts have a network, as the spec says: an image of it is not reproducible. */
export function withNetworkNoted(lock: Lock, spec: Spec, originOf: (path: string) => string): Lock {
  const networked = new Set(spec.layerPolicies.filter(one => one.network === true).map(one => one.package));
  const files = spec.layers.flatMap(request =>
    request.kind === 'file' && networked.has(packageKey(request))
      ? [lockedAt(lock, originOf(request.path))]
      : [],
  );
  const packages = lock.packages.map(({ network: _, ...one }): LockedPackage => {
    const isFile = files.some(file => file?.name === one.name && file.architecture === one.architecture);
    const hasNetwork = isFile || networked.has(one.name) || networked.has(`${one.name}:${one.architecture}`);
    return hasNetwork ? { ...one, network: true } : one;
  });
  return { ...lock, packages };
}

/** Whether scripts of a package have a network, by its lock. */
export function networkTest({
  packages,
}: Lock): (one: Pick<LockedPackage, 'name' | 'architecture'>) => boolean {
  return ({ name, architecture }) =>
    packages.some(one => one.network === true && one.name === name && one.architecture === architecture);
}
