import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';
import { type Content, type Leaf, lookup, type Node } from '../../formats/tree/index.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import { type AssemblyPackage, areInstances } from './package.ts';

/** What is in the way of an entry of a package. */
export interface Collision {
  readonly package: AssemblyPackage;
  /** As packed: what dpkg compares. */
  readonly path: ByteString;
  readonly existing: Node;
  readonly node: Node;
}

/** Who has which file, as far as a merge has come. */
export interface Ownership {
  readonly database: DpkgDatabase;
  /** Packages whose files are in the tree already, with the paths they lost. */
  readonly merged: readonly {
    readonly package: AssemblyPackage;
    readonly dropped: ReadonlySet<ByteString>;
  }[];
}

interface Owner {
  readonly name: string;
  readonly version: string;
  readonly infoName: string;
  readonly multiArch: string;
}

/**
 * Whether an entry takes the place of what exists (as it does when nobody owns that), or leaves it, as instances of one
 * package leave a file they share. DPKG_FAILED, naming both packages and the path, where dpkg would refuse.
 */
export function settle(collision: Collision, ownership: Ownership): 'replace' | 'keep' {
  const { package: incoming, path, existing, node } = collision;
  const owners = ownersOf(path, incoming, ownership);
  const rivals = owners.filter(owner => !areInstances(owner, incoming));
  const diversion = ownership.database.diversions.find(({ from }) => from === path);
  const rival = rivals.find(
    ({ name }) => diversion === undefined || (diversion.owner !== name && diversion.owner !== incoming.name),
  );
  if (rival !== undefined) throw conflict(collision, rival);
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

/** Packages that have the file at a path, other than the one that is coming. */
function ownersOf(path: ByteString, incoming: AssemblyPackage, ownership: Ownership): Owner[] {
  const before = ownership.database
    .owners(path)
    .filter(owner => owner.state !== 'config-files' && owner.infoName !== incoming.infoName);
  const now = ownership.merged
    .filter(({ package: one, dropped }) => lookup(one.image.data, path) !== undefined && !dropped.has(path))
    .map(({ package: one }) => one);
  return [...before, ...now];
}

function conflict({ package: incoming, path, existing }: Collision, rival: Owner): AptLayerError {
  const what = existing.kind === 'directory' ? 'the directory ' : '';
  return new AptLayerError(
    'DPKG_FAILED',
    `${incoming.infoName} (${incoming.version}) would overwrite ${what}${toText(path)} of ${rival.infoName} (${rival.version})`,
    {
      hint: `leave out ${incoming.name} or ${rival.name}: neither declares that it replaces the other`,
      details: { path: toText(path), packages: [incoming.infoName, rival.infoName] },
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
  const owner = ownership.merged.find(({ package: one }) => lookup(one.image.data, path) === leaf);
  return owner?.package.infoName ?? ownership.database.owners(path)[0]?.infoName;
}
