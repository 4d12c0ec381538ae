import { closure, findDependencies } from './dependencies.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import type { AssemblyPackage } from './package.ts';

/** Of packages that are to become a system: those with `Essential: yes`, and what they need. */
export function essentialPackages(packages: readonly AssemblyPackage[]): ReadonlySet<AssemblyPackage> {
  const { of } = findDependencies(NOTHING, packages);
  return closure(
    packages.filter(one => one.essential),
    of,
  );
}

const NOTHING: Pick<DpkgDatabase, 'packages'> = { packages: new Map() };
