import type { ByteString } from '../../formats/bytes/index.ts';
import { type Directory, type Leaf, lookup, type Metadata, type Node } from '../../formats/tree/index.ts';
import type { PackageEntry, PackageImage } from '../package/model.ts';

/** Owner, mode and names of extended attributes of one path. An owner is a name where the archive has one. */
export interface Permissions {
  readonly user: string | number;
  readonly group: string | number;
  readonly mode: number;
  readonly xattrs: readonly ByteString[];
}

/** A path whose shipped permissions a package does not get. */
export interface PermissionChange {
  readonly path: ByteString;
  readonly before: Permissions;
  readonly after: Permissions;
}

const ANY_EXECUTE = 0o111;

/**
 * Metadata without what a package asked for: root's, 0755 for a directory and for a file that anybody may execute,
 * else 0644; no setuid, setgid or sticky bit, no extended attributes (so neither capabilities nor ACLs). Symbolic links
 * stay as they are: nothing looks at their permissions.
 */
export function plainMetadata(node: Node): Pick<Metadata, 'mode' | 'uid' | 'gid' | 'xattrs'> {
  const { mode, uid, gid, xattrs, kind } = node;
  if (kind === 'symlink') return { mode, uid, gid, xattrs };
  const executable = kind === 'directory' || (kind === 'file' && (mode & ANY_EXECUTE) !== 0);
  return { mode: executable ? 0o755 : 0o644, uid: 0, gid: 0, xattrs: undefined };
}

/**
 * A package as if it were packed with plain permissions, and what that changed, in the order of the archive. Names of one inode
 * stay names of one inode; a package that has nothing to change is returned as it is. What happens later is not undone: an
 * override of dpkg-statoverride, and what a maintainer script does to a file, are explicit acts.
 */
export function withPlainPermissions(image: PackageImage): {
  readonly image: PackageImage;
  readonly changes: readonly PermissionChange[];
} {
  const changes = image.entries.flatMap(entry => changeOf(entry, image.data) ?? []);
  if (changes.length === 0) return { image, changes };
  const leaves = new Map<Leaf, Leaf>();
  const entries = image.entries.map(({ path, ...owner }) =>
    lookup(image.data, path)?.kind === 'symlink' ? { path, ...owner } : { path },
  );
  return { image: { ...image, data: plainDirectory(image.data, leaves), entries }, changes };
}

function changeOf(entry: PackageEntry, data: Directory): PermissionChange | undefined {
  const node = lookup(data, entry.path);
  if (node === undefined || node.kind === 'symlink') return undefined;
  const plain = plainMetadata(node);
  const before = { ...permissionsOf(node), ...named(entry) };
  const after = permissionsOf({ ...node, ...plain });
  const isSame =
    before.user === after.user &&
    before.group === after.group &&
    before.mode === after.mode &&
    before.xattrs.length === 0;
  return isSame ? undefined : { path: entry.path, before, after };
}

function permissionsOf({ uid, gid, mode, xattrs }: Metadata): Permissions {
  return { user: uid, group: gid, mode, xattrs: [...(xattrs?.keys() ?? [])] };
}

function named({ user, group }: PackageEntry): Partial<Permissions> {
  return { ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
}

/** Directories nest as deep as the archive's paths are long, which importing has bounded. */
function plainDirectory(directory: Directory, leaves: Map<Leaf, Leaf>): Directory {
  const entries = new Map<ByteString, Node>();
  for (const [name, node] of directory.entries)
    entries.set(name, node.kind === 'directory' ? plainDirectory(node, leaves) : plainLeaf(node, leaves));
  return { ...directory, ...plainMetadata(directory), entries };
}

function plainLeaf(leaf: Leaf, leaves: Map<Leaf, Leaf>): Leaf {
  const made = leaves.get(leaf) ?? { ...leaf, ...plainMetadata(leaf) };
  leaves.set(leaf, made);
  return made;
}
