import { type ByteString, joinPath, toBuffer, toText } from '../../formats/bytes/index.ts';
import type { Directory, Tree, Xattrs } from '../../formats/tree/index.ts';
import type { AccountKind } from './account-numbers.ts';

/** The first path of an image that belongs to a number, as owner or in an access control list; undefined when there is none. */
export type OwnedBy = (kind: AccountKind, number: number) => string | undefined;

/** Looks through the image when it is asked for the first time. */
export function ownersIn(image: Tree): OwnedBy {
  let known: Record<AccountKind, Map<number, ByteString>> | undefined;
  return (kind, number) => {
    known ??= readOwners(image);
    const path = known[kind].get(number);
    return path === undefined ? undefined : toText(path);
  };
}

function readOwners(image: Tree): Record<AccountKind, Map<number, ByteString>> {
  const owners = { user: new Map<number, ByteString>(), group: new Map<number, ByteString>() };
  const note = (kind: AccountKind, number: number, path: ByteString) => {
    if (!owners[kind].has(number)) owners[kind].set(number, path);
  };
  const left: [Directory, ByteString][] = [[image, '' as ByteString]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [directory, path] = next;
    for (const [name, node] of directory.entries) {
      const child = joinPath(path, name);
      note('user', node.uid, child);
      note('group', node.gid, child);
      for (const { kind, number } of inLists(node.xattrs)) note(kind, number, child);
      if (node.kind === 'directory') left.push([node, child]);
    }
  }
  return owners;
}

const ACL_USER = 0x02;
const ACL_GROUP = 0x08;

/** <linux/posix_acl_xattr.h>: a version in 4 bytes, then entries of tag (2), permissions (2) and id (4). */
function inLists(xattrs: Xattrs | undefined): { readonly kind: AccountKind; readonly number: number }[] {
  return ['system.posix_acl_access', 'system.posix_acl_default'].flatMap(name => {
    const value = xattrs?.get(name as ByteString);
    if (value === undefined) return [];
    const bytes = toBuffer(value);
    const found: { kind: AccountKind; number: number }[] = [];
    for (let at = 4; at + 8 <= bytes.length; at += 8) {
      const tag = bytes.readUInt16LE(at);
      if (tag !== ACL_USER && tag !== ACL_GROUP) continue;
      found.push({ kind: tag === ACL_USER ? 'user' : 'group', number: bytes.readUInt32LE(at + 4) });
    }
    return found;
  });
}
