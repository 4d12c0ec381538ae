import { compareVersions } from '../../formats/debversion/index.ts';
import { lockedKey } from './lock-file.ts';
import type { Lock, LockedPackage } from './model.ts';

/** A package that both locks have. The architecture is the new one; it may change between `all` and another. */
export interface VersionChange {
  readonly name: string;
  readonly architecture: string;
  readonly from: string;
  readonly to: string;
}

/** Each list is in the order of the lock. */
export interface LockDiff {
  readonly added: readonly LockedPackage[];
  readonly removed: readonly LockedPackage[];
  readonly upgraded: readonly VersionChange[];
  readonly downgraded: readonly VersionChange[];
  /** The same version with other content: built again, or from another archive. */
  readonly rebuilt: readonly VersionChange[];
}

/** What changes in packages from lock `a` to lock `b`. Versions are compared by Debian's rules. */
export function diffLocks(a: Lock, b: Lock): LockDiff {
  const before = new Map(a.packages.map(entry => [lockedKey(entry), entry]));
  const added: LockedPackage[] = [];
  const pairs: { from: LockedPackage; to: LockedPackage }[] = [];
  for (const to of b.packages) {
    const from = before.get(lockedKey(to));
    if (from === undefined) added.push(to);
    else pairs.push({ from, to });
    before.delete(lockedKey(to));
  }
  const gone = new Map<string, LockedPackage[]>();
  for (const entry of before.values()) gone.set(entry.name, [...(gone.get(entry.name) ?? []), entry]);
  const reallyAdded = added.filter(to => {
    const from = movedFrom(to, gone.get(to.name) ?? []);
    if (from === undefined) return true;
    before.delete(lockedKey(from));
    pairs.push({ from, to });
    return false;
  });
  return { added: reallyAdded, removed: [...before.values()], ...classify(pairs) };
}

/** Packages move between `all` and an architecture from one version to the next. */
function movedFrom(to: LockedPackage, sameName: readonly LockedPackage[]): LockedPackage | undefined {
  const [only, second] = sameName.filter(from => from.architecture === 'all' || to.architecture === 'all');
  return second === undefined ? only : undefined;
}

function classify(pairs: readonly { from: LockedPackage; to: LockedPackage }[]) {
  const upgraded: VersionChange[] = [];
  const downgraded: VersionChange[] = [];
  const rebuilt: VersionChange[] = [];
  for (const { from, to } of pairs.toSorted((x, y) => (lockedKey(x.to) < lockedKey(y.to) ? -1 : 1))) {
    const change = { name: to.name, architecture: to.architecture, from: from.version, to: to.version };
    const order = compareVersions(from.version, to.version);
    if (order < 0) upgraded.push(change);
    else if (order > 0) downgraded.push(change);
    else if (from.sha256 !== to.sha256 || from.version !== to.version) rebuilt.push(change);
  }
  return { upgraded, downgraded, rebuilt };
}
