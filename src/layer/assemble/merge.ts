import { posix } from 'node:path';
import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromText, joinPath, toText } from '../../formats/bytes/index.ts';
import {
  components,
  type Directory,
  type Leaf,
  type Node,
  type Symlink,
  type Tree,
} from '../../formats/tree/index.ts';
import { DPKG_POLICIES, type FilePolicies, rankOf, settlesConflicts } from '../metadata-policy/index.ts';
import {
  type Collision,
  type Ownership,
  settle,
  settleDirectory,
  settleExcluded,
  shipperOf,
} from './collisions.ts';
import type { SettledConflict } from './conflicts.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import type { AssemblyPackage } from './package.ts';
import { findReplacements } from './replacements.ts';
import { findSpecialPaths, type SpecialPath, type SpecialPaths } from './special-paths.ts';
import {
  makeDirectories,
  openWorkspace,
  ownChild,
  ownDirectory,
  pathOf,
  resolveDirectory,
  resolvePlace,
  type Workspace,
} from './workspace.ts';

/** A file that came in over another package's by a different spelling of its path, which dpkg does not notice. */
export interface AliasedOverwrite {
  readonly path: ByteString;
  readonly by: string;
  readonly of: string;
}

export interface Merged {
  readonly tree: Tree;
  /** By info name: paths that a package lost to another one, also one of the base, and that its list must not have. */
  readonly dropped: ReadonlyMap<string, ReadonlySet<ByteString>>;
  readonly overwritten: readonly AliasedOverwrite[];
  readonly settled: readonly SettledConflict[];
}

const DPKG_NEW = '.dpkg-new';

/**
 * The tree with the files of `packages`, where and as dpkg would unpack them: in the order given, conffiles as
 * `NAME.dpkg-new`. The given trees are not changed; what does not change is shared with them. A directory keeps its owner and mode from
 * whoever had it first, and takes the latest time of all. What dpkg's configuration excludes is left out. `database` must be read from `tree`. With policies for
 * conflicts, packages come in the order of layers, and conflicts are settled as they say; without, DPKG_FAILED for each.
 */
export function mergePackages(
  tree: Tree,
  packages: readonly AssemblyPackage[],
  database: DpkgDatabase,
  { policies = DPKG_POLICIES }: { readonly policies?: FilePolicies } = {},
): Merged {
  const workspace = openWorkspace(tree);
  const dropped = droppedPaths(packages);
  const merged: AssemblyPackage[] = [];
  const overwritten: AliasedOverwrite[] = [];
  const settled: SettledConflict[] = [];
  const ownership: Ownership = { database, merged, dropped, policies, settled, excluded: new Map() };
  const ordered = settlesConflicts(policies)
    ? [...packages].sort((a, b) => rankOf(policies, a) - rankOf(policies, b))
    : packages;
  for (const one of ordered) {
    const special = findSpecialPaths(one, database, dropped.get(one.infoName) ?? NOTHING);
    const merge: Merge = { workspace, package: one, special, ownership, overwritten };
    const target = { names: [], directory: workspace.root };
    advanceTime(target.directory, one.image.data);
    mergeDirectory(merge, { path: fromText(''), directory: one.image.data }, target);
    merged.push(one);
  }
  return { tree: workspace.root, dropped, overwritten, settled };
}

const NOTHING: ReadonlySet<ByteString> = new Set();

interface Merge {
  readonly workspace: Workspace;
  readonly package: AssemblyPackage;
  readonly special: SpecialPaths;
  readonly ownership: Ownership;
  readonly overwritten: AliasedOverwrite[];
}

interface Source {
  /** As packed. */
  readonly path: ByteString;
  readonly directory: Directory;
}

/** A directory that belongs to the workspace, with its real path. */
interface Target {
  readonly names: readonly ByteString[];
  readonly directory: Directory;
}

interface Entry {
  readonly path: ByteString;
  readonly name: ByteString;
  readonly node: Node;
}

/** When both replace each other, dpkg lets the later one win. */
function droppedPaths(packages: readonly AssemblyPackage[]): Map<string, Set<ByteString>> {
  const dropped = new Map<string, Set<ByteString>>();
  for (const { winner, loser, paths } of findReplacements(packages).reverse()) {
    const lostAlready = dropped.get(winner.infoName) ?? NOTHING;
    const lost = paths.filter(path => !lostAlready.has(path));
    dropped.set(loser.infoName, new Set([...(dropped.get(loser.infoName) ?? []), ...lost]));
  }
  return dropped;
}

function mergeDirectory(merge: Merge, source: Source, target: Target): void {
  const hasSpecial = merge.special.above.has(source.path);
  const { entries } = target.directory;
  for (const [name, node] of source.directory.entries) {
    if (node.kind !== 'directory' && !hasSpecial && !entries.has(name)) {
      entries.set(name, merge.special.leaves.get(node) ?? node);
      continue;
    }
    const path = joinPath(source.path, name);
    const special = hasSpecial ? merge.special.paths.get(path) : undefined;
    const entry = { path, name, node };
    if (special === undefined) placeEntry(merge, entry, target);
    else placeSpecial(merge, { ...entry, special }, target);
  }
}

function placeSpecial(merge: Merge, entry: Entry & { special: SpecialPath }, target: Target): void {
  const { special, path } = entry;
  if (special.isDropped) return;
  if (special.isExcluded) {
    passExcluded(merge, entry, target);
    return;
  }
  let name = entry.name;
  let place = target;
  const node =
    entry.node.kind === 'directory' ? entry.node : (merge.special.leaves.get(entry.node) ?? entry.node);
  if (special.divertedTo !== undefined) {
    const found = resolvePlace(merge.workspace.root, special.divertedTo);
    if (found === undefined) throw noParent(merge, special.divertedTo);
    name = found.name;
    place = targetAt(merge.workspace, found.parent);
  }
  if (node.kind === 'directory') {
    placeDirectory(merge, { path, name, node, metadata: special.metadata }, place);
    // Only the name is diverted: what is packed below goes where its own path leads.
    if (special.divertedTo !== undefined && node.entries.size > 0) {
      const names = resolveDirectory(merge.workspace.root, [...target.names, entry.name]);
      if (names === undefined) throw noParent(merge, path);
      mergeDirectory(merge, { path, directory: node }, targetAt(merge.workspace, names));
    }
  } else if (special.isConffile) placeConffile(merge, { path, name, node }, place);
  else placeLeaf(merge, { path, name, node }, place);
}

/** Leaves an entry out. What is packed below a directory may not be excluded: it needs the directory to be there. */
function passExcluded(merge: Merge, entry: Entry & { special: SpecialPath }, target: Target): void {
  const { path, node, name, special } = entry;
  if (node.kind === 'directory') {
    const place = existingDirectory(merge, entry, target);
    if (place !== undefined) mergeDirectory(merge, { path, directory: node }, place);
    else passMissing(merge, { path, directory: node });
    return;
  }
  const there =
    special.divertedTo === undefined ? undefined : resolvePlace(merge.workspace.root, special.divertedTo);
  const place = there === undefined ? target : targetAt(merge.workspace, there.parent);
  const existing = place.directory.entries.get(there?.name ?? name);
  if (node.kind === 'symlink' && existing !== undefined && keepsLink(merge, { existing, node }, place))
    return;
  settleExcluded({ ...entry, package: merge.package, existing }, merge.ownership);
}

/** The same for all that is packed below a directory that is not there. */
function passMissing(merge: Merge, source: Source): void {
  for (const [name, node] of source.directory.entries) {
    const path = joinPath(source.path, name);
    const special = merge.special.paths.get(path);
    if (special?.isDropped) continue;
    if (special?.isExcluded !== true) throw noParent(merge, path);
    if (node.kind === 'directory') passMissing(merge, { path, directory: node });
    else settleExcluded({ path, node, package: merge.package, existing: undefined }, merge.ownership);
  }
}

function placeEntry(merge: Merge, entry: Entry, target: Target): void {
  const { path, name, node } = entry;
  if (node.kind === 'directory') placeDirectory(merge, { path, name, node }, target);
  else placeLeaf(merge, { path, name, node: merge.special.leaves.get(node) ?? node }, target);
}

/** A directory, and what is below unless its name is diverted. */
function placeDirectory(
  merge: Merge,
  entry: Entry & { node: Directory; metadata?: SpecialPath['metadata'] },
  target: Target,
): void {
  const { path, name, node } = entry;
  const isDiverted = merge.special.paths.get(path)?.divertedTo !== undefined;
  const place = existingDirectory(merge, entry, target);
  if (place !== undefined) {
    advanceTime(place.directory, node);
    const { mode, uid, gid } = { ...node, ...entry.metadata };
    const collision = {
      package: merge.package,
      path,
      existing: place.directory,
      metadata: { mode, uid, gid },
    };
    if (settleDirectory(collision, merge.ownership) === 'replace')
      Object.assign(place.directory, { mode, uid, gid });
    if (!isDiverted) mergeDirectory(merge, { path, directory: node }, place);
    return;
  }
  const names = [...target.names, name];
  const isOrdinary = entry.metadata === undefined && !isDiverted;
  if (isOrdinary && !merge.special.above.has(path) && merge.special.leaves.size === 0) {
    // Shared until another package has something for it.
    target.directory.entries.set(name, node);
    return;
  }
  const made: Directory = { ...node, ...entry.metadata, entries: new Map() };
  target.directory.entries.set(name, made);
  merge.workspace.owned.add(made);
  if (!isDiverted) mergeDirectory(merge, { path, directory: node }, { names, directory: made });
}

/** The directory that is there or that a symlink there leads to; undefined when a new one has to be made. */
function existingDirectory(merge: Merge, entry: Entry, target: Target): Target | undefined {
  const { workspace } = merge;
  const existing = target.directory.entries.get(entry.name);
  if (existing === undefined) return undefined;
  const names = [...target.names, entry.name];
  if (existing.kind === 'directory')
    return { names, directory: ownChild(workspace, target.directory, entry.name, existing) };
  const linked = existing.kind === 'symlink' ? linkedDirectory(merge, names, existing) : undefined;
  if (linked !== undefined) return targetAt(workspace, linked);
  settle({ ...entry, package: merge.package, existing }, merge.ownership);
  return undefined;
}

/** What each boot fills: a link that leads there leads to a directory, though an image has none. */
const MADE_AT_BOOT = /^\/(?:run|tmp|var\/run)(?:\/|$)/;

function linkedDirectory(
  { workspace, package: one }: Merge,
  names: readonly ByteString[],
  { target }: Symlink,
): readonly ByteString[] | undefined {
  const found = resolveDirectory(workspace.root, names);
  if (found !== undefined) return found;
  const path = posix.resolve(`/${names.slice(0, -1).join('/')}`, target);
  if (!MADE_AT_BOOT.test(path)) return undefined;
  const { uid, gid, mtime, mtimeNsec } = one.image.data;
  const made = { mode: 0o755, uid, gid, mtime, mtimeNsec, xattrs: undefined };
  makeDirectories(workspace, path as ByteString, made);
  return resolveDirectory(workspace.root, names);
}

function placeLeaf(merge: Merge, entry: Entry & { node: Leaf }, target: Target): void {
  const { name, node } = entry;
  const existing = target.directory.entries.get(name);
  if (existing !== undefined && !takesPlace(merge, { ...entry, existing }, target)) return;
  target.directory.entries.set(name, node);
}

function takesPlace(merge: Merge, entry: Entry & { existing: Node }, target: Target): boolean {
  const { existing, node, name } = entry;
  if (node.kind === 'symlink' && keepsLink(merge, { existing, node }, target)) return false;
  if (settle({ ...entry, package: merge.package }, merge.ownership) === 'keep') return false;
  noteAlias(merge, { ...entry, path: pathOf(target.names, name) }, entry.path);
  return true;
}

/** Whether dpkg leaves what is there alone, whoever has it, because it is or leads to the directory. */
function keepsLink(
  merge: Merge,
  { existing, node }: { existing: Node; node: Symlink },
  place: Target,
): boolean {
  if (existing.kind === 'directory') return true;
  return existing.kind === 'symlink' && leadToOneDirectory(merge, [existing.target, node.target], place);
}

/** dpkg keeps the old one of two symlinks that lead to the same directory. */
function leadToOneDirectory(
  merge: Merge,
  targets: readonly [ByteString, ByteString],
  place: Target,
): boolean {
  const [old, proposed] = targets.map(target =>
    resolveDirectory(
      merge.workspace.root,
      components(target),
      target.startsWith('/') ? [] : place.names,
    )?.join('/'),
  );
  return old !== undefined && old === proposed;
}

/** Beside its name, even where that is a symlink: dpkg follows it only when it configures. */
function placeConffile(merge: Merge, entry: Entry & { node: Leaf }, { directory }: Target): void {
  const name = `${entry.name}${DPKG_NEW}` as ByteString;
  const existing = directory.entries.get(name) ?? directory.entries.get(entry.name);
  const collision: Collision | undefined = existing && {
    ...entry,
    package: merge.package,
    existing,
    isConffile: true,
  };
  if (collision !== undefined && settle(collision, merge.ownership) === 'keep') return;
  directory.entries.set(name, entry.node);
}

/** Records when a file of another package goes away though dpkg's rules, which compare literal paths, see no conflict. */
function noteAlias(merge: Merge, entry: Entry & { existing: Node }, packed: ByteString): void {
  if (entry.existing.kind === 'directory' || entry.path === packed) return;
  const of = shipperOf(entry.existing, entry.path, merge.ownership);
  if (of !== undefined && of !== merge.package.infoName)
    merge.overwritten.push({ path: entry.path, by: merge.package.infoName, of });
}

function targetAt(workspace: Workspace, names: readonly ByteString[]): Target {
  return { names, directory: ownDirectory(workspace, names) };
}

function noParent(merge: Merge, path: ByteString): AptLayerError {
  return new AptLayerError(
    'DPKG_FAILED',
    `${toText(path)} of ${merge.package.infoName} has no directory to go to`,
    {
      hint: `look at what the base diverts (dpkg-divert --list) and what its /etc/dpkg/dpkg.cfg.d excludes; or leave ${merge.package.name} out`,
      details: { package: merge.package.infoName, path: toText(path) },
    },
  );
}

/** A directory's time says nothing of its own; the latest one of its owners does not depend on their order. */
function advanceTime(directory: Directory, other: Directory): void {
  if (other.mtime < directory.mtime) return;
  if (other.mtime === directory.mtime && other.mtimeNsec <= directory.mtimeNsec) return;
  directory.mtime = other.mtime;
  directory.mtimeNsec = other.mtimeNsec;
}
