import type { InstalledPackage } from '../apt/index.ts';
import { compareVersions } from '../formats/debversion/index.ts';

/** A package that has another version. */
export interface PackageChange {
  readonly name: string;
  readonly architecture: string;
  readonly from: string;
  readonly to: string;
}

/** Each list by name, then architecture. */
export interface PackageDiff {
  readonly added: readonly InstalledPackage[];
  readonly removed: readonly InstalledPackage[];
  readonly upgraded: readonly PackageChange[];
  readonly downgraded: readonly PackageChange[];
}

type Packages = ReadonlyMap<string, InstalledPackage>;

/**
 * Compares two sets of packages, keyed by `name:architecture`. A package that only changes its architecture (`amd64` to
 * `all`) counts as changed when there is one of it on each side.
 */
export function diffPackages(before: Packages, after: Packages): PackageDiff {
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, one]) => one);
  const come = [...after].filter(([key]) => !before.has(key)).map(([, one]) => one);
  const moved = pairByName(gone, come);
  const stayed = [...before].flatMap(([key, from]) => {
    const to = after.get(key);
    return to === undefined || to.version === from.version ? [] : [{ from, to }];
  });
  const changes = [...stayed, ...moved].map(({ from, to }) => ({
    name: to.name,
    architecture: to.architecture,
    from: from.version,
    to: to.version,
  }));
  const paired = new Set(moved.flatMap(({ from, to }) => [from, to]));
  return {
    added: come
      .filter(one => !paired.has(one))
      .map(named)
      .sort(byName),
    removed: gone
      .filter(one => !paired.has(one))
      .map(named)
      .sort(byName),
    upgraded: changes.filter(one => compareVersions(one.from, one.to) <= 0).sort(byName),
    downgraded: changes.filter(one => compareVersions(one.from, one.to) > 0).sort(byName),
  };
}

/** Nothing but what names it, whatever else is known of it. */
function named({ name, architecture, version }: InstalledPackage): InstalledPackage {
  return { name, architecture, version };
}

/** Pairs of one that goes and one that comes under the same name, where each is the only one. */
function pairByName(gone: readonly InstalledPackage[], come: readonly InstalledPackage[]) {
  const only = (list: readonly InstalledPackage[], name: string) => {
    const found = list.filter(one => one.name === name);
    return found.length === 1 ? found[0] : undefined;
  };
  const names = new Set(come.map(one => one.name));
  return gone.flatMap(from => {
    const to = names.has(from.name) ? only(come, from.name) : undefined;
    return to !== undefined && only(gone, from.name) === from ? [{ from, to }] : [];
  });
}

function byName(
  a: { name: string; architecture: string },
  b: { name: string; architecture: string },
): number {
  const [left, right] = [`${a.name}:${a.architecture}`, `${b.name}:${b.architecture}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
