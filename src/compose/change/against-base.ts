import type { InstalledPackage } from '../../apt/index.ts';
import { compareVersions } from '../../formats/debversion/index.ts';
import { type LockDiff, lockedKey, type VersionChange } from '../lock/index.ts';

/**
 * The same difference for people: a layered package that takes the place of one of the base is an upgrade or a downgrade and
 * not something new, and one that no longer does leaves the base's version.
 */
export function againstBase(diff: LockDiff, base: ReadonlyMap<string, InstalledPackage>): LockDiff {
  const changed = (
    from: string,
    to: string,
    entry: { name: string; architecture: string },
  ): VersionChange => ({
    name: entry.name,
    architecture: entry.architecture,
    from,
    to,
  });
  const versionInBase = (entry: { name: string; architecture: string; version: string }) => {
    const version = base.get(lockedKey(entry))?.version;
    return version === entry.version ? undefined : version;
  };
  const changes = [
    ...diff.added.flatMap(entry => {
      const from = versionInBase(entry);
      return from === undefined ? [] : [changed(from, entry.version, entry)];
    }),
    ...diff.removed.flatMap(entry => {
      const to = versionInBase(entry);
      return to === undefined ? [] : [changed(entry.version, to, entry)];
    }),
  ];
  const isUpgrade = ({ from, to }: VersionChange) => compareVersions(from, to) < 0;
  return {
    ...diff,
    added: diff.added.filter(entry => versionInBase(entry) === undefined),
    // What the base has in the same version stays, whoever brings it.
    removed: diff.removed.filter(entry => !base.has(lockedKey(entry))),
    upgraded: [...diff.upgraded, ...changes.filter(isUpgrade)],
    downgraded: [...diff.downgraded, ...changes.filter(change => !isUpgrade(change))],
  };
}
