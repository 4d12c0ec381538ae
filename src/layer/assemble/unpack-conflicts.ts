import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';
import {
  type Aspect,
  type Directory,
  lookup,
  type Metadata,
  type Node,
  resolveParents,
  type Tree,
  withNode,
} from '../../formats/tree/index.ts';
import { type FilePolicies, rankOf, settlesConflicts } from '../metadata-policy/index.ts';
import {
  decide,
  differsFrom,
  directoryDiffersFrom,
  type Rival,
  type SettledConflict,
  titleOf,
} from './conflicts.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import { isPresent } from './installed.ts';
import type { AssemblyPackage } from './package.ts';
import { names } from './satisfaction.ts';

/** What has to be done around dpkg so that it unpacks packages as their policies say. */
export interface UnpackPlan {
  /** In the order in which dpkg has to be given them: the later one overwrites. */
  readonly packages: readonly AssemblyPackage[];
  /** Whether dpkg needs `--force-overwrite`; every conflict it would then pass over is settled by a policy. */
  readonly overwrite: boolean;
  readonly settled: readonly SettledConflict[];
  /** The tree that dpkg made, with what was to stay put back, and with directories as those that won want them. */
  mend(after: Tree): Tree;
}

/**
 * Looks for conflicts of packages that dpkg itself will unpack into `tree`. Where dpkg's own rules hold it looks for none,
 * as dpkg does. Two things dpkg cannot do: keep one package's file and install the rest of another (`keep-base` between
 * packages is refused, DPKG_FAILED), and leave a file that nobody owns while scripts run (it is put back after them).
 */
export function planUnpack(
  tree: Tree,
  packages: readonly AssemblyPackage[],
  database: DpkgDatabase,
  policies: FilePolicies,
): UnpackPlan {
  if (!settlesConflicts(policies)) return { packages, overwrite: false, settled: [], mend: after => after };
  const ordered = [...packages].sort((a, b) => rankOf(policies, a) - rankOf(policies, b));
  const search: Search = { tree, database, policies, earlier: [], settled: [], kept: new Map() };
  let overwrite = false;
  for (const one of ordered) {
    if (findAll(search, one)) overwrite = true;
    search.earlier.push(one);
  }
  return { packages: ordered, overwrite, settled: search.settled, mend: after => mend(after, search.kept) };
}

type Kept = Node | Pick<Metadata, 'mode' | 'uid' | 'gid'>;

interface Search {
  readonly tree: Tree;
  readonly database: DpkgDatabase;
  readonly policies: FilePolicies;
  /** What dpkg unpacks before. */
  readonly earlier: AssemblyPackage[];
  readonly settled: SettledConflict[];
  /** By path: what has to be put there afterwards. */
  readonly kept: Map<ByteString, Kept>;
}

function mend(after: Tree, kept: ReadonlyMap<ByteString, Kept>): Tree {
  let tree = after;
  for (const [path, one] of kept) {
    if ('kind' in one) tree = withNode(tree, path, one);
    else {
      const directory = lookup(tree, path);
      if (directory?.kind === 'directory') tree = withNode(tree, path, { ...directory, ...one });
    }
  }
  return tree;
}

/** Whether a file of another package is to be overwritten. */
function findAll(search: Search, one: AssemblyPackage): boolean {
  const { tree, database } = search;
  const isConffile = new Set(one.conffiles.map(({ path }) => path));
  const isDiverted = new Set(database.diversions.map(({ from }) => from));
  let overwrite = false;
  for (const { path } of one.image.entries) {
    const node = lookup(one.image.data, path);
    if (path === '' || node === undefined || isConffile.has(path) || isDiverted.has(path)) continue;
    const isExcluded = database.isExcluded?.(path, node.kind) === true;
    const place = `/${resolveParents(tree, path).join('/')}` as ByteString;
    const entry = { one, path, place, node, isExcluded, existing: lookup(tree, place) };
    if (node.kind === 'directory') findDirectory(search, { ...entry, node });
    else if (findLeaf(search, entry)) overwrite = true;
  }
  return overwrite;
}

interface Entry<T extends Node = Node> {
  readonly one: AssemblyPackage;
  readonly path: ByteString;
  readonly place: ByteString;
  readonly node: T;
  /** By dpkg's configuration: dpkg still refuses what another package has, but leaves alone what nobody has. */
  readonly isExcluded: boolean;
  readonly existing: Node | undefined;
}

function findDirectory(search: Search, entry: Entry<Directory>): void {
  const { one, path, place, node, existing } = entry;
  if (existing?.kind !== 'directory' || entry.isExcluded || search.database.overrides.has(path)) return;
  const metadata = { mode: node.mode, uid: node.uid, gid: node.gid };
  const differs = directoryDiffersFrom(existing, metadata);
  const owners = search.database.owners(path);
  // An upgrade that changes its own directory is no conflict.
  if (differs.length === 0 || owners.some(owner => owner.name === one.name)) return;
  if (settle(search, entry, { rival: owners.at(-1), differs }) === 'incoming')
    search.kept.set(place, metadata);
}

function findLeaf(search: Search, entry: Entry): boolean {
  const { one, path, place, node, existing } = entry;
  const owners: Rival[] = search.database.owners(path).filter(isPresent);
  const earlier = search.earlier.filter(other => lookup(other.image.data, path) !== undefined);
  const all = [...owners, ...earlier];
  if (all.some(owner => owner.name === one.name)) return false;
  const rival = [...all].reverse().find(owner => !isReplacement(search, one, owner));
  const theirs = lookup(earlier.at(-1)?.image.data ?? search.tree, place) ?? existing;
  if (rival === undefined) {
    if (entry.isExcluded) return false;
    const differs = existing === undefined || all.length > 0 ? [] : differsFrom(existing, node);
    if (existing === undefined || differs.length === 0) return false;
    if (settle(search, entry, { rival, differs }) === 'existing') search.kept.set(place, existing);
    return false;
  }
  const differs = theirs === undefined ? [] : differsFrom(theirs, node);
  const takes = settle(search, entry, { rival, differs });
  if (takes === 'incoming') return true;
  const reason = takes === undefined ? 'neither replaces the other' : 'dpkg cannot keep the old one';
  throw new AptLayerError(
    'DPKG_FAILED',
    `${titleOf(one)} would overwrite ${toText(path)} of ${titleOf(rival)}: ${reason}`,
    {
      hint: `\`apt-layer layer-metadata ${one.name} true keep-latest\` overwrites it; or leave ${one.name} or ${rival.name} out`,
      details: { path: toText(path), packages: [one.infoName, rival.infoName] },
    },
  );
}

function settle(
  search: Search,
  { one, path }: Entry,
  { rival, differs }: { rival: Rival | undefined; differs: readonly Aspect[] },
): 'incoming' | 'existing' | undefined {
  const decided = decide({ path, package: one, rival, differs }, search.policies);
  if (decided !== undefined) search.settled.push(decided.settled);
  return decided?.takes;
}

/** Whether one of two says that it replaces the other, so that dpkg knows what to do. */
function isReplacement({ database, earlier }: Search, one: AssemblyPackage, other: Rival): boolean {
  if (one.replaces.flat().some(relation => names(relation, other))) return true;
  const same = earlier.find(any => any.infoName === other.infoName);
  if (same !== undefined) return same.replaces.flat().some(relation => names(relation, one));
  const installed = database.packages.get(other.name)?.find(any => any.infoName === other.infoName);
  return installed?.replaces.includes(one.name) ?? false;
}
