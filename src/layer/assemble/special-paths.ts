import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromText, joinPath, toText } from '../../formats/bytes/index.ts';
import { type Leaf, lookup, type Metadata, type Node } from '../../formats/tree/index.ts';
import type { PackageEntry } from '../package/model.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import type { AssemblyPackage } from './package.ts';

/** What dpkg does with one path of a package other than to store it there as it is. */
export interface SpecialPath {
  /** Another package's file is taken instead. */
  readonly isDropped: boolean;
  /** dpkg's configuration leaves it out; the package lists it all the same. */
  readonly isExcluded: boolean;
  readonly isConffile: boolean;
  /** Stored here instead. */
  readonly divertedTo: ByteString | undefined;
  /** With this owner and mode. */
  readonly metadata: Pick<Metadata, 'uid' | 'gid' | 'mode'> | undefined;
}

/** The special paths of a package, and every directory above one. */
export interface SpecialPaths {
  readonly paths: ReadonlyMap<ByteString, SpecialPath>;
  readonly above: ReadonlySet<ByteString>;
  /** Leaves whose owner or mode is another in this system. */
  readonly leaves: ReadonlyMap<Leaf, Leaf>;
}

/** Works out the special paths of a package. DPKG_FAILED for paths that dpkg would refuse to store. */
export function findSpecialPaths(
  one: AssemblyPackage,
  database: DpkgDatabase,
  dropped: ReadonlySet<ByteString>,
): SpecialPaths {
  const found = new Map<ByteString, SpecialPath>();
  const shipped = (path: ByteString): Node | undefined => lookup(one.image.data, path);
  const add = (path: ByteString, change: Partial<SpecialPath>) => {
    found.set(path, { ...(found.get(path) ?? ORDINARY), ...change });
  };
  for (const path of dropped) add(path, { isDropped: true });
  for (const path of excludedPaths(one, database)) add(path, { isExcluded: true });
  for (const { path, removeOnUpgrade } of one.conffiles) {
    if (shipped(path) === undefined) continue;
    if (removeOnUpgrade) refuse(one, path, 'is to be removed on upgrade, and yet in its archive');
    add(path, { isConffile: true });
  }
  for (const { from, to, owner } of database.diversions) {
    if (shipped(to) !== undefined)
      refuse(one, to, `is where ${toText(from)} is diverted to (by ${owner ?? 'the administrator'})`);
    if (owner !== one.name && shipped(from) !== undefined) add(from, { divertedTo: to });
  }
  const leaves = resolveMetadata(one, database, add);
  return { paths: found, above: directoriesAbove(found.keys()), leaves };
}

const ORDINARY: SpecialPath = {
  isDropped: false,
  isExcluded: false,
  isConffile: false,
  divertedTo: undefined,
  metadata: undefined,
};

/** Paths of a package that dpkg's configuration leaves out, in the order of the archive. */
export function excludedPaths(one: AssemblyPackage, { isExcluded }: DpkgDatabase): ByteString[] {
  if (isExcluded === undefined) return [];
  return one.image.entries
    .map(({ path }) => path)
    .filter(path => {
      const node = lookup(one.image.data, path);
      return path !== '' && node !== undefined && isExcluded(path, node.kind);
    });
}

function refuse(one: AssemblyPackage, path: ByteString, reason: string): never {
  throw new AptLayerError('DPKG_FAILED', `${toText(path)} of ${one.infoName} ${reason}`, {
    hint: `leave ${one.name} out, or use another version of it`,
    details: { package: one.infoName, path: toText(path) },
  });
}

/**
 * Owners by name, and overrides of owner and mode. Of several names of one inode the last in the archive decides, as
 * dpkg sets owner and mode again with each hard link.
 */
function resolveMetadata(
  one: AssemblyPackage,
  database: DpkgDatabase,
  add: (path: ByteString, change: Partial<SpecialPath>) => void,
): Map<Leaf, Leaf> {
  const leaves = new Map<Leaf, Leaf>();
  const isOverridden = [...database.overrides.keys()].some(path => lookup(one.image.data, path));
  const hasOwners = one.image.entries.some(entry => entry.user !== undefined || entry.group !== undefined);
  if (!isOverridden && !hasOwners) return leaves;
  for (const entry of one.image.entries) {
    const node = lookup(one.image.data, entry.path);
    if (node === undefined) continue;
    const metadata = database.overrides.get(entry.path) ?? ownersOf(entry, node, database);
    if (metadata !== undefined) add(entry.path, { metadata });
    if (node.kind === 'directory') continue;
    if (metadata !== undefined) leaves.set(node, { ...node, ...metadata });
    else leaves.delete(node);
  }
  return leaves;
}

function ownersOf(entry: PackageEntry, node: Node, database: DpkgDatabase): SpecialPath['metadata'] {
  if (entry.user === undefined && entry.group === undefined) return undefined;
  const { user, group } = entry;
  return {
    uid: (user === undefined ? undefined : database.users.get(user)) ?? node.uid,
    gid: (group === undefined ? undefined : database.groups.get(group)) ?? node.gid,
    mode: node.mode,
  };
}

function directoriesAbove(paths: Iterable<ByteString>): Set<ByteString> {
  const above = new Set<ByteString>();
  for (const path of paths) {
    let directory = fromText('');
    for (const name of path.split('/').slice(1, -1) as ByteString[]) {
      above.add(directory);
      directory = joinPath(directory, name);
    }
    above.add(directory);
  }
  return above;
}
