import type { ByteString } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import { type AssemblyPackage, areInstances } from './package.ts';
import { names } from './satisfaction.ts';

/** Files of one package that another one replaces (its `Replaces` names the first, with a version that fits). */
export interface Replacement {
  readonly winner: AssemblyPackage;
  readonly loser: AssemblyPackage;
  /** Paths that both ship and that are no directories. */
  readonly paths: readonly ByteString[];
}

/** Every replacement between packages that are assembled together. Empty ones are left out. */
export function findReplacements(packages: readonly AssemblyPackage[]): Replacement[] {
  const byName = new Map<string, AssemblyPackage[]>();
  for (const one of packages) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  const found: Replacement[] = [];
  for (const winner of packages)
    for (const loser of replacedBy(winner, byName)) {
      const paths = sharedPaths(winner, loser);
      if (paths.length > 0) found.push({ winner, loser, paths });
    }
  return found;
}

function replacedBy(
  winner: AssemblyPackage,
  byName: ReadonlyMap<string, readonly AssemblyPackage[]>,
): Set<AssemblyPackage> {
  const replaced = new Set<AssemblyPackage>();
  for (const relation of winner.replaces.flat())
    for (const other of byName.get(relation.name) ?? [])
      if (other !== winner && !areInstances(other, winner) && names(relation, other)) replaced.add(other);
  return replaced;
}

function sharedPaths(winner: AssemblyPackage, loser: AssemblyPackage): ByteString[] {
  return loser.image.entries
    .map(entry => entry.path)
    .filter(path => isLeaf(winner, path) && isLeaf(loser, path));
}

/** Whether a package ships something other than a directory at a path. */
export function isLeaf(one: AssemblyPackage, path: ByteString): boolean {
  const node = lookup(one.image.data, path);
  return node !== undefined && node.kind !== 'directory';
}
