import { assertNever } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';
import { parseRelations, type Relations } from '../../formats/deb822/index.ts';
import { compareVersions } from '../../formats/debversion/index.ts';
import { lookup, type Node } from '../../formats/tree/index.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import { type InstalledPackage, isPresent } from './installed.ts';
import { type AssemblyPackage, areInstances } from './package.ts';
import { interpreterOf, isNoOpOnInstall, isShellScript } from './preinst/index.ts';
import { findReplacements, isLeaf, type Replacement } from './replacements.ts';
import { names } from './satisfaction.ts';
import { excludedPaths } from './special-paths.ts';

/** Why dpkg itself has to unpack a package. */
export type DpkgReason =
  | {
      readonly kind: 'installed';
      readonly change: 'upgrade' | 'downgrade' | 'reinstall';
      readonly from: string;
    }
  | { readonly kind: 'residue'; readonly from: string }
  | { readonly kind: 'instance'; readonly of: string }
  | { readonly kind: 'conffile'; readonly path: ByteString; readonly of: string }
  | { readonly kind: 'replaces'; readonly with: string; readonly path: ByteString }
  | { readonly kind: 'essential'; readonly of: string }
  | { readonly kind: 'preinst'; readonly interpreter: string }
  | { readonly kind: 'late-override' }
  | { readonly kind: 'excluded'; readonly path: ByteString }
  | { readonly kind: 'bound'; readonly to: string };

/** One line for people. */
export function describeReason(reason: DpkgReason): string {
  switch (reason.kind) {
    case 'installed':
      return `${reason.change} of ${reason.from}`;
    case 'residue':
      return `configuration files of a removed ${reason.from} are there`;
    case 'instance':
      return `${reason.of} is installed for another architecture and changes with it`;
    case 'conffile':
      return `${toText(reason.path)} is a configuration file of ${reason.of}, too`;
    case 'replaces':
      return `${toText(reason.path)} moves between it and ${reason.with}`;
    case 'essential':
      return `it takes the place of ${reason.of}, which is essential`;
    case 'preinst':
      return `its preinst is run by ${reason.interpreter}`;
    case 'late-override':
      return 'its preinst overrides owners or modes, which must not count for its own files';
    case 'excluded':
      return `${toText(reason.path)} is excluded by dpkg’s configuration, and other paths depend on it`;
    case 'bound':
      return `${reason.to}, which dpkg unpacks, needs it`;
    default:
      return assertNever(reason);
  }
}

/** The reasons of each package that has one; what follows from the others' is not among them. */
export function findReasons(
  database: DpkgDatabase,
  packages: readonly AssemblyPackage[],
): Map<AssemblyPackage, DpkgReason[]> {
  const found = new Map<AssemblyPackage, DpkgReason[]>();
  const add = (one: AssemblyPackage, reasons: readonly DpkgReason[]) => {
    if (reasons.length > 0) found.set(one, [...(found.get(one) ?? []), ...reasons]);
  };
  const installed = [...database.packages.values()].flat();
  const owners = conffileOwners(installed);
  const replacers = installed.filter(one => one.replaces !== '' && isPresent(one));
  for (const one of packages) {
    add(one, ownReasons(one, database, owners));
    add(one, replacesInstalled(one, database));
    add(one, replacedByInstalled(one, database, replacers));
  }
  for (const replacement of hardReplacements(packages, database)) {
    const [path] = replacement.paths as [ByteString];
    add(replacement.winner, [{ kind: 'replaces', with: replacement.loser.infoName, path }]);
    add(replacement.loser, [{ kind: 'replaces', with: replacement.winner.infoName, path }]);
  }
  for (const one of packages) {
    const instance = packages.find(other => other !== one && areInstances(other, one) && found.has(other));
    if (instance !== undefined && !found.has(one)) add(one, [{ kind: 'instance', of: instance.infoName }]);
  }
  return found;
}

function ownReasons(
  one: AssemblyPackage,
  database: DpkgDatabase,
  owners: ReadonlyMap<ByteString, InstalledPackage>,
): DpkgReason[] {
  const reasons: DpkgReason[] = [];
  for (const old of database.packages.get(one.name) ?? []) {
    if (old.state === 'config-files') reasons.push({ kind: 'residue', from: old.version });
    if (!isPresent(old)) continue;
    if (old.architecture === one.architecture || !areInstances(old, one))
      reasons.push({ kind: 'installed', change: changeOf(old.version, one.version), from: old.version });
    else if (old.version !== one.version) reasons.push({ kind: 'instance', of: old.infoName });
  }
  for (const { path } of one.conffiles) {
    const owner = owners.get(path);
    if (owner !== undefined && owner.infoName !== one.infoName && reasons.length === 0)
      reasons.push({ kind: 'conffile', path, of: owner.infoName });
  }
  const preinst = one.image.control.get('preinst');
  if (preinst !== undefined && !isShellScript(preinst.bytes))
    reasons.push({ kind: 'preinst', interpreter: interpreterOf(preinst.bytes) ?? 'the kernel' });
  // dpkg has read the overrides by then; here the files are placed after all preinsts.
  if (preinst?.bytes.includes('dpkg-statoverride') && !isNoOpOnInstall(preinst.bytes))
    reasons.push({ kind: 'late-override' });
  const path = excludedLinkSource(one, database);
  if (path !== undefined) reasons.push({ kind: 'excluded', path });
  return reasons;
}

function changeOf(old: string, version: string): 'upgrade' | 'downgrade' | 'reinstall' {
  const order = compareVersions(version, old);
  return order > 0 ? 'upgrade' : order < 0 ? 'downgrade' : 'reinstall';
}

function conffileOwners(installed: readonly InstalledPackage[]): Map<ByteString, InstalledPackage> {
  return new Map(installed.flatMap(one => one.conffiles.map(({ path }) => [path, one] as const)));
}

function replacesInstalled(one: AssemblyPackage, database: DpkgDatabase): DpkgReason[] {
  const reasons: DpkgReason[] = [];
  for (const relation of [...one.replaces, ...one.excludes].flat())
    for (const old of database.packages.get(relation.name) ?? []) {
      if (old.name === one.name || !isPresent(old) || !names(relation, old)) continue;
      if (old.essential) reasons.push({ kind: 'essential', of: old.infoName });
      const path = one.replaces.flat().includes(relation) ? sharedPath(one, old, database) : undefined;
      if (path !== undefined) reasons.push({ kind: 'replaces', with: old.infoName, path });
    }
  return reasons;
}

/** An old package may say that it replaces one to come. */
function replacedByInstalled(
  one: AssemblyPackage,
  database: DpkgDatabase,
  replacers: readonly InstalledPackage[],
): DpkgReason[] {
  const reasons: DpkgReason[] = [];
  for (const old of replacers) {
    if (old.name === one.name || !old.replaces.includes(one.name)) continue;
    const relations: Relations = parseRelations(old.replaces);
    if (!relations.flat().some(relation => names(relation, one))) continue;
    const path = sharedPath(one, old, database);
    if (path !== undefined) reasons.push({ kind: 'replaces', with: old.infoName, path });
  }
  return reasons;
}

function sharedPath(
  one: AssemblyPackage,
  old: InstalledPackage,
  database: DpkgDatabase,
): ByteString | undefined {
  return database.paths(old).find(path => isLeaf(one, path));
}

/** A file that is excluded, while a hard link to it is not: dpkg links what happens to be there, or fails. */
function excludedLinkSource(one: AssemblyPackage, database: DpkgDatabase): ByteString | undefined {
  const excluded = new Set(excludedPaths(one, database));
  if (excluded.size === 0) return undefined;
  const sources = new Map<Node, ByteString>();
  for (const { path } of one.image.entries) {
    const node = lookup(one.image.data, path);
    if (node === undefined || node.kind === 'directory' || node.nlink < 2) continue;
    const source = sources.get(node);
    if (source === undefined) sources.set(node, path);
    else if (excluded.has(source) && !excluded.has(path)) return source;
  }
  return undefined;
}

/**
 * Those that a merge cannot settle as dpkg does: it depends on the order, a conffile moves, nothing is left of one, or what both
 * have is excluded, so that who comes first keeps it in its list.
 */
function hardReplacements(packages: readonly AssemblyPackage[], { isExcluded }: DpkgDatabase): Replacement[] {
  const replacements = findReplacements(packages);
  return replacements.filter(({ winner, loser, paths }) => {
    const isMutual = replacements.some(other => other.winner === loser && other.loser === winner);
    const shared = new Set(paths);
    const hasConffile = [...winner.conffiles, ...loser.conffiles].some(({ path }) => shared.has(path));
    const isEmptied = loser.image.entries.every(({ path }) => shared.has(path) || !isLeaf(loser, path));
    const hasExcluded = isExcluded !== undefined && paths.some(path => isExcluded(path, 'file'));
    return isMutual || hasConffile || isEmptied || hasExcluded;
  });
}
