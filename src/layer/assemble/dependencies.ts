import { parseRelations, type Relation, type Relations } from '../../formats/deb822/index.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import { isConfigured } from './installed.ts';
import type { AssemblyPackage } from './package.ts';
import { isSatisfiedBy } from './satisfaction.ts';

/** What packages of a set need of each other. */
export interface Dependencies {
  /** Packages of the set that one needs to be configured, directly. */
  of(one: AssemblyPackage): readonly AssemblyPackage[];
  /** The part of these that it needs before it is unpacked. */
  before(one: AssemblyPackage): readonly AssemblyPackage[];
}

interface Candidate {
  readonly name: string;
  readonly version: string;
  readonly provides: Relations;
}

/**
 * Reads the dependencies between the packages of a set. What a configured package of the base satisfies counts for nothing; of
 * alternatives, each that the set has counts.
 */
export function findDependencies(
  database: Pick<DpkgDatabase, 'packages'>,
  packages: readonly AssemblyPackage[],
): Dependencies {
  const base = baseCandidates(database);
  const added = candidatesByName(packages);
  const find = (relations: Relations, self: AssemblyPackage): AssemblyPackage[] => {
    const found = new Set<AssemblyPackage>();
    for (const alternatives of relations) {
      if (alternatives.some(relation => isMet(relation, base))) continue;
      for (const relation of alternatives)
        for (const one of added.get(relation.name) ?? []) if (isSatisfiedBy(relation, one)) found.add(one);
    }
    found.delete(self);
    return [...found];
  };
  const before = new Map(packages.map(one => [one, find(one.preDepends, one)]));
  const all = new Map(
    packages.map(one => [one, [...new Set([...find(one.depends, one), ...(before.get(one) ?? [])])]]),
  );
  return { of: one => all.get(one) ?? [], before: one => before.get(one) ?? [] };
}

/** Everything that `start` leads to by `next`, without what it begins with unless that is reached again. */
export function closure<T>(start: Iterable<T>, next: (one: T) => Iterable<T>): Set<T> {
  const reached = new Set<T>();
  const pending = [...start];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (reached.has(one)) continue;
    reached.add(one);
    pending.push(...next(one));
  }
  return reached;
}

function isMet(relation: Relation, candidates: ReadonlyMap<string, readonly Candidate[]>): boolean {
  return candidates.get(relation.name)?.some(one => isSatisfiedBy(relation, one)) === true;
}

function baseCandidates(database: Pick<DpkgDatabase, 'packages'>): Map<string, Candidate[]> {
  const configured = [...database.packages.values()].flat().filter(isConfigured);
  return candidatesByName(
    configured.map(({ name, version, provides }) => ({ name, version, provides: parseRelations(provides) })),
  );
}

/** By the names that may ask for them: their own, and what they provide. */
function candidatesByName<T extends Candidate>(candidates: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of candidates)
    for (const name of new Set([one.name, ...one.provides.flat().map(provided => provided.name)])) {
      const others = found.get(name);
      if (others === undefined) found.set(name, [one]);
      else others.push(one);
    }
  return found;
}
