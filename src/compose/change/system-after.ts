import type { ArchivedPackage, InstalledPackage } from '../../apt/index.ts';
import type { Deployment } from '../../deployment/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import type { SystemPackage } from '../../vulnerabilities/index.ts';
import { type AssessedSystem, systemOfDeployment } from '../vulnerabilities/index.ts';

/** A deployment, and what it becomes with the packages that a change leaves it with: of those that are new, the archive says what they are of. */
export function systemAfter(
  at: Sysroot,
  deployment: Deployment,
  change: {
    readonly after: ReadonlyMap<string, InstalledPackage>;
    readonly archived: readonly ArchivedPackage[];
  },
): { readonly before: AssessedSystem; readonly after: AssessedSystem } {
  const before = systemOfDeployment(at, deployment);
  const keyOf = (one: { name: string; architecture: string }, version: string) =>
    `${one.name}:${one.architecture}=${version}`;
  const known = new Map(before.packages.map(one => [keyOf(one, one.packageVersion), one]));
  const facts = new Map(change.archived.map(one => [keyOf(one, one.version), one]));
  const packages = [...change.after.values()].map(({ name, architecture, version }): SystemPackage => {
    const key = keyOf({ name, architecture }, version);
    const same = known.get(key);
    if (same !== undefined) return same;
    const fact = facts.get(key);
    return {
      ...{ name, architecture, packageVersion: version, isInBase: false },
      source: fact?.source ?? name,
      version: fact?.sourceVersion ?? version,
      builtUsing: fact?.builtUsing ?? '',
      vendor: fact?.origin.vendor ?? '',
    };
  });
  return { before, after: { ...before, packages } };
}
