import { parseRelations, type Relation } from '../../formats/deb822/index.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import { isConfigured } from './installed.ts';
import type { AssemblyPackage } from './package.ts';
import { isSatisfiedBy } from './satisfaction.ts';

/** A package and one that it needs. */
export interface Need {
  readonly package: string;
  readonly needs: string;
}

type Candidate = Parameters<typeof isSatisfiedBy>[1];

/**
 * What packages need (Depends, Pre-Depends) that neither they nor the configured packages of a system satisfy, and `later` ones do. They could not
 * be configured before these.
 */
export function neededLater(
  database: Pick<DpkgDatabase, 'packages'>,
  packages: readonly AssemblyPackage[],
  later: readonly AssemblyPackage[],
): Need[] {
  const configured = [...database.packages.values()].flat().filter(isConfigured);
  const there = byName([
    ...configured.map(one => ({ ...one, provides: parseRelations(one.provides) })),
    ...packages,
  ]);
  const coming = byName(later);
  return packages.flatMap(one =>
    [...one.preDepends, ...one.depends].flatMap(alternatives => {
      if (alternatives.some(relation => satisfying(relation, there).length > 0)) return [];
      const [found] = alternatives.flatMap(relation => satisfying(relation, coming));
      return found === undefined ? [] : [{ package: one.name, needs: found.name }];
    }),
  );
}

function satisfying<T extends Candidate>(relation: Relation, candidates: ReadonlyMap<string, T[]>): T[] {
  return (candidates.get(relation.name) ?? []).filter(one => isSatisfiedBy(relation, one));
}

function byName<T extends Candidate>(candidates: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of candidates)
    for (const name of new Set([one.name, ...one.provides.flat().map(provided => provided.name)]))
      found.set(name, [...(found.get(name) ?? []), one]);
  return found;
}
