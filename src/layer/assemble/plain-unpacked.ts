import type { ByteString } from '../../formats/bytes/index.ts';
import {
  type Leaf,
  lookup,
  type Node,
  resolveParents,
  type Tree,
  withNode,
} from '../../formats/tree/index.ts';
import { type PermissionChange, plainMetadata } from '../metadata-policy/index.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import type { AssemblyPackage } from './package.ts';

/**
 * Plain permissions for a package that dpkg unpacked and configured as it was packed; `changes` are what
 * `withPlainPermissions` said of it, `database` is of `tree`. A path that no longer has what was packed is left alone: a
 * maintainer script or an override changed it, which is an explicit act. So is a directory that other packages have too.
 */
export function withPlainPaths(
  tree: Tree,
  one: AssemblyPackage,
  options: { readonly changes: readonly PermissionChange[]; readonly database: DpkgDatabase },
): Tree {
  const { changes, database } = options;
  const leaves = new Map<Leaf, Leaf>();
  let result = tree;
  for (const change of changes) {
    const { path } = change;
    const place = placeOf(result, one, { path, database });
    const node = lookup(result, place);
    if (node === undefined || node.kind === 'symlink' || database.overrides.has(path)) continue;
    if (!isAsPacked(node, change, database)) continue;
    if (node.kind === 'directory') {
      const isOurs = database.owners(path).every(owner => owner.infoName === one.infoName);
      if (isOurs) result = withNode(result, place, { ...node, ...plainMetadata(node) });
      continue;
    }
    const plain = leaves.get(node) ?? { ...node, ...plainMetadata(node) };
    leaves.set(node, plain);
    result = withNode(result, place, plain);
  }
  return result;
}

function placeOf(
  tree: Tree,
  one: AssemblyPackage,
  { path, database }: { path: ByteString; database: DpkgDatabase },
): ByteString {
  const diversion = database.diversions.find(({ from, owner }) => from === path && owner !== one.name);
  return `/${resolveParents(tree, diversion?.to ?? path).join('/')}` as ByteString;
}

function isAsPacked(node: Node, { before }: PermissionChange, { users, groups }: DpkgDatabase): boolean {
  const number = (owner: string | number, accounts: ReadonlyMap<string, number>) =>
    typeof owner === 'number' ? owner : accounts.get(owner);
  const [uid, gid] = [number(before.user, users), number(before.group, groups)];
  return (
    node.mode === before.mode &&
    (uid === undefined || node.uid === uid) &&
    (gid === undefined || node.gid === gid)
  );
}
