import { closure, findDependencies } from './dependencies.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import type { AssemblyPackage } from './package.ts';

/** A package that is configured apart from all others. */
export interface ApartPackage {
  readonly package: AssemblyPackage;
  /** What it needs of the others that is to be configured first; without those of the packages before it. */
  readonly before: readonly AssemblyPackage[];
  /** Something that it needs also needs it, so that it comes without that. */
  readonly inCircle: boolean;
}

/** In which order some of a set of packages, all of which are unpacked, can be configured one by one, and what has to be before each. */
export function configuredApart(
  database: Pick<DpkgDatabase, 'packages'>,
  packages: readonly AssemblyPackage[],
  isApart: (one: AssemblyPackage) => boolean,
): ApartPackage[] {
  const replaced = new Set<string>(packages.map(one => one.name));
  const kept = new Map([...database.packages].filter(([name]) => !replaced.has(name)));
  const dependencies = findDependencies({ packages: kept }, packages);
  const reach = (one: AssemblyPackage) => closure(dependencies.of(one), dependencies.of);
  const done = new Set<AssemblyPackage>();
  const result: ApartPackage[] = [];
  const add = (one: AssemblyPackage) => {
    if (done.has(one)) return;
    done.add(one);
    const needed = [...reach(one)].filter(other => other !== one);
    const firm = needed.filter(other => !reach(other).has(one));
    for (const other of firm) if (isApart(other)) add(other);
    const before = firm.filter(other => !done.has(other));
    for (const other of before) done.add(other);
    result.push({ package: one, before, inCircle: firm.length < needed.length });
  };
  for (const one of packages) if (isApart(one)) add(one);
  return result;
}
