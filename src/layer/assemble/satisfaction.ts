import type { Relation } from '../../formats/deb822/index.ts';
import { compareVersions } from '../../formats/debversion/index.ts';

/** Whether a relation's version part allows a version; without one it allows all. */
export function allowsVersion(relation: Relation, version: string): boolean {
  if (relation.version === undefined) return true;
  const order = compareVersions(version, relation.version.version);
  switch (relation.version.operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}

/** Whether a package of that name and version is meant. Architectures are not looked at: apt has done that. */
export function names(relation: Relation, one: { name: string; version: string }): boolean {
  return relation.name === one.name && allowsVersion(relation, one.version);
}

/** The same, also through what the package provides. A provision without a version satisfies no versioned relation. */
export function isSatisfiedBy(
  relation: Relation,
  one: { name: string; version: string; provides: readonly (readonly Relation[])[] },
): boolean {
  if (names(relation, one)) return true;
  return one.provides.some(([provided]) => {
    if (provided?.name !== relation.name) return false;
    const version = provided.version?.version;
    return version === undefined ? relation.version === undefined : allowsVersion(relation, version);
  });
}
