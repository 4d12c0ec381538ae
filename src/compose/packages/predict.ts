import type { InstalledPackage } from '../../apt/index.ts';

/**
 * The packages of a system after apt has put `install` into it and taken `remove` (`NAME` or `NAME:ARCH`) out. A package
 * that moves between `all` and an architecture takes the place of the one before.
 */
export function afterInstallation(
  before: ReadonlyMap<string, InstalledPackage>,
  changes: { readonly install: readonly InstalledPackage[]; readonly remove: readonly string[] },
): Map<string, InstalledPackage> {
  const after = new Map(before);
  for (const name of changes.remove)
    for (const [key, one] of before) if (key === name || one.name === name) after.delete(key);
  for (const { name, architecture, version } of changes.install) {
    if (architecture !== 'all') after.delete(`${name}:all`);
    else for (const [key, one] of before) if (one.name === name) after.delete(key);
    after.set(`${name}:${architecture}`, { name, architecture, version });
  }
  return after;
}
