import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';
import {
  type Content,
  type Directory,
  type Leaf,
  lookup,
  type Metadata,
  type Node,
} from '../../formats/tree/index.ts';
import { type FilePolicies, settlesConflicts } from '../metadata-policy/index.ts';
import { decide, differsFrom, directoryDiffersFrom, type SettledConflict, titleOf } from './conflicts.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import { type AssemblyPackage, areInstances } from './package.ts';

/** What is in the way of an entry of a package. */
export interface Collision {
  readonly package: AssemblyPackage;
  /** As packed: what dpkg compares. */
  readonly path: ByteString;
  readonly existing: Node;
  readonly node: Node;
  /** A configuration file, about which dpkg decides when it configures: policies have no say. */
  readonly isConffile?: boolean;
}

/** Who has which file, as far as a merge has come. */
export interface Ownership {
  readonly database: DpkgDatabase;
  /** Packages whose files are in the tree already. */
  readonly merged: readonly AssemblyPackage[];
  /** By info name: paths that a package lost to another one. */
  readonly dropped: Map<string, Set<ByteString>>;
  readonly policies: FilePolicies;
  /** What policies settled so far. */
  readonly settled: SettledConflict[];
  /** By path: merged packages that have it, though dpkg's configuration leaves it out. */
  readonly excluded: Map<ByteString, AssemblyPackage[]>;
}

interface Owner {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly infoName: string;
  readonly multiArch: string;
}

/**
 * Whether an entry takes the place of what exists (as it does when nobody owns that), or leaves it, as instances of one
 * package leave a file they share, or as a policy says. DPKG_FAILED, naming both packages and the path, where dpkg
 * would refuse and no policy settles it, and where a policy is to fail.
 */
export function settle(collision: Collision, ownership: Ownership): 'replace' | 'keep' {
  const { package: incoming, path, existing, node } = collision;
  const owners = ownersOf(path, incoming, ownership);
  const rivals = owners.filter(owner => !areInstances(owner, incoming));
  const diversion = ownership.database.diversions.find(({ from }) => from === path);
  const rival = rivals.find(
    ({ name }) => diversion === undefined || (diversion.owner !== name && diversion.owner !== incoming.name),
  );
  if (rival !== undefined) return settleRivals(collision, rivals, ownership);
  if (owners.length === 0) return settleUnowned(collision, ownership);
  if (owners.length === rivals.length) return 'replace';
  if (node.kind === 'directory' || isEqual(existing, node)) return 'keep';
  throw new AptLayerError(
    'DPKG_FAILED',
    `${toText(path)} differs between ${incoming.infoName} and another architecture's ${incoming.name}`,
    {
      hint: `use the same build of ${incoming.name} for all architectures`,
      details: { path: toText(path), packages: [incoming.infoName] },
    },
  );
}

/**
 * Another package has the file. dpkg refuses that; with a policy it goes as with `--force-overwrite`: who wins has the path in its
 * list, nobody else. What that option does not cover, a file for a directory, is refused in any case.
 */
function settleRivals(
  collision: Collision,
  rivals: readonly Owner[],
  ownership: Ownership,
): 'replace' | 'keep' {
  const { package: incoming, path, existing, node, isConffile } = collision;
  const rival = rivals[0] as Owner;
  if (isConffile) throw conflict(collision, rival);
  const differs = differsFrom(existing, node);
  const decided = decide({ path, package: incoming, rival, differs }, ownership.policies);
  const isKept = decided?.takes === 'existing';
  const isDirectoryInTheWay = isKept ? node.kind === 'directory' : existing.kind === 'directory';
  if (decided === undefined || isDirectoryInTheWay) throw conflict(collision, rival);
  ownership.settled.push(decided.settled);
  for (const loser of isKept ? [incoming] : rivals) lose(ownership, loser.infoName, path);
  return isKept ? 'keep' : 'replace';
}

/**
 * The same for an entry that dpkg's configuration leaves out: dpkg refuses what another package lists before it asks whether to
 * unpack it. With a policy nothing is refused, and as nothing is placed, both keep the path in their lists.
 */
export function settleExcluded(
  collision: Omit<Collision, 'existing'> & { readonly existing: Node | undefined },
  ownership: Ownership,
): void {
  const { package: incoming, path, existing, node, isConffile } = collision;
  const others = ownership.excluded.get(path) ?? [];
  ownership.excluded.set(path, [...others, incoming]);
  const merged = existing === undefined ? others : ownership.merged;
  const diversion = ownership.database.diversions.find(({ from }) => from === path);
  const rival = ownersOf(path, incoming, { ...ownership, merged }).find(
    owner =>
      !areInstances(owner, incoming) &&
      (diversion === undefined || (diversion.owner !== owner.name && diversion.owner !== incoming.name)),
  );
  if (rival === undefined) return;
  const differs = existing === undefined ? [] : differsFrom(existing, node);
  const decided = decide({ path, package: incoming, rival, differs }, ownership.policies);
  if (decided === undefined || isConffile)
    throw conflict({ ...collision, existing: existing ?? node }, rival);
}

/** Nobody owns what is there: dpkg replaces it. */
function settleUnowned(collision: Collision, ownership: Ownership): 'replace' | 'keep' {
  const { package: incoming, path, existing, node, isConffile } = collision;
  if (isConffile) return 'replace';
  const differs = differsFrom(existing, node);
  if (differs.length === 0) return 'replace';
  const decided = decide({ path, package: incoming, rival: undefined, differs }, ownership.policies);
  if (decided === undefined) return 'replace';
  if (decided.takes === 'existing' && node.kind === 'directory') throw inTheWay(collision);
  ownership.settled.push(decided.settled);
  return decided.takes === 'existing' ? 'keep' : 'replace';
}

/** Whether the owner and mode of a directory that is there give way; with dpkg they never do. */
export function settleDirectory(
  collision: {
    readonly package: AssemblyPackage;
    readonly path: ByteString;
    readonly existing: Directory;
    readonly metadata: Pick<Metadata, 'mode' | 'uid' | 'gid'>;
  },
  ownership: Ownership,
): 'replace' | 'keep' {
  const { package: incoming, path, existing, metadata } = collision;
  const differs = directoryDiffersFrom(existing, metadata);
  if (differs.length === 0 || ownership.database.overrides.has(path)) return 'keep';
  if (!settlesConflicts(ownership.policies)) return 'keep';
  const rival = ownersOf(path, incoming, ownership).at(-1);
  const decided = decide({ path, package: incoming, rival, differs }, ownership.policies);
  if (decided === undefined) return 'keep';
  ownership.settled.push(decided.settled);
  return decided.takes === 'incoming' ? 'replace' : 'keep';
}

function lose({ dropped }: Ownership, infoName: string, path: ByteString): void {
  const lost = dropped.get(infoName);
  if (lost === undefined) dropped.set(infoName, new Set([path]));
  else lost.add(path);
}

/** Packages that have the file at a path, other than the one that is coming. */
function ownersOf(path: ByteString, incoming: AssemblyPackage, ownership: Ownership): Owner[] {
  const has = ({ infoName }: Owner) => !ownership.dropped.get(infoName)?.has(path);
  const before = ownership.database
    .owners(path)
    .filter(owner => owner.state !== 'config-files' && owner.infoName !== incoming.infoName);
  const now = ownership.merged.filter(one => lookup(one.image.data, path) !== undefined);
  return [...before, ...now].filter(has);
}

function conflict({ package: incoming, path, existing }: Collision, rival: Owner): AptLayerError {
  const what = existing.kind === 'directory' ? 'the directory ' : '';
  return new AptLayerError(
    'DPKG_FAILED',
    `${titleOf(incoming)} would overwrite ${what}${toText(path)} of ${titleOf(rival)}`,
    {
      hint: `leave out ${incoming.name} or ${rival.name}: neither declares that it replaces the other`,
      details: { path: toText(path), packages: [incoming.infoName, rival.infoName] },
    },
  );
}

function inTheWay({ package: incoming, path, existing }: Collision): AptLayerError {
  return new AptLayerError(
    'DPKG_FAILED',
    `${toText(path)} is a directory in ${titleOf(incoming)}, and a ${existing.kind} in the base`,
    {
      hint: `what ${incoming.name} has below it could go nowhere: use keep-latest for it, or leave it out`,
      details: { path: toText(path), packages: [incoming.infoName] },
    },
  );
}

/** As dpkg compares shared files: type, contents, target, device; neither owner, mode nor time. */
function isEqual(a: Node, b: Node): boolean {
  if (a.kind === 'file')
    return b.kind === 'file' && a.size === b.size && hasEqualContent(a.content, b.content);
  if (a.kind === 'symlink') return b.kind === 'symlink' && a.target === b.target;
  return a.kind !== 'directory' && b.kind === a.kind && a.rdev === (b as typeof a).rdev;
}

function hasEqualContent(a: Content, b: Content): boolean {
  if (a.kind === 'inline' && b.kind === 'inline') return a.bytes.equals(b.bytes);
  return a.kind === 'object' && b.kind === 'object' && a.digest === b.digest;
}

/** The leaf of a merged package at a real path, found by identity, for a message. */
export function shipperOf(leaf: Leaf, path: ByteString, ownership: Ownership): string | undefined {
  const owner = ownership.merged.find(one => lookup(one.image.data, path) === leaf);
  return owner?.infoName ?? ownership.database.owners(path)[0]?.infoName;
}
