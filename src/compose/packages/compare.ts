import { diffPackages } from '../../deployment/index.ts';
import type { Records } from './records.ts';

/** A package that is there on one side only. */
export interface SinglePackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** What it takes, in bytes, as its maintainer measured it. */
  readonly installedBytes: number;
}

/** A package with another version. */
export interface ChangedPackage {
  readonly name: string;
  readonly architecture: string;
  readonly from: string;
  readonly to: string;
  /** What it takes more, or less. */
  readonly installedBytesChange: number;
}

/** Each list by name, then architecture. */
export interface PackageComparison {
  readonly added: readonly SinglePackage[];
  readonly removed: readonly SinglePackage[];
  readonly upgraded: readonly ChangedPackage[];
  readonly downgraded: readonly ChangedPackage[];
  /** Of all of them together. */
  readonly installedBytesChange: number;
}

/** Compares what two systems have on record. */
export function comparePackages(before: Records, after: Records): PackageComparison {
  const diff = diffPackages(before, after);
  const single = (records: Records) => (one: { name: string; architecture: string; version: string }) => ({
    name: one.name,
    architecture: one.architecture,
    version: one.version,
    installedBytes: records.get(`${one.name}:${one.architecture}`)?.installedBytes ?? 0,
  });
  const changed = (one: { name: string; architecture: string; from: string; to: string }) => ({
    ...one,
    installedBytesChange:
      (after.get(`${one.name}:${one.architecture}`)?.installedBytes ?? 0) - sizeBefore(before, one),
  });
  const lists = {
    added: diff.added.map(single(after)),
    removed: diff.removed.map(single(before)),
    upgraded: diff.upgraded.map(changed),
    downgraded: diff.downgraded.map(changed),
  };
  const changes = [
    ...lists.added.map(one => one.installedBytes),
    ...lists.removed.map(one => -one.installedBytes),
    ...[...lists.upgraded, ...lists.downgraded].map(one => one.installedBytesChange),
  ];
  return { ...lists, installedBytesChange: changes.reduce((sum, one) => sum + one, 0) };
}

/** A package may have had another architecture before. */
function sizeBefore(before: Records, one: { name: string; architecture: string; from: string }): number {
  const same = before.get(`${one.name}:${one.architecture}`);
  if (same !== undefined) return same.installedBytes;
  const moved = [...before.values()].find(record => record.name === one.name && record.version === one.from);
  return moved?.installedBytes ?? 0;
}
