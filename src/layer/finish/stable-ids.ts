import { type ByteString, fromText, toBuffer } from '../../formats/bytes/index.ts';
import {
  lookup,
  type Metadata,
  type Node,
  type Tree,
  withNode,
  type Xattrs,
} from '../../formats/tree/index.ts';
import { parseAccounts } from '../assemble/index.ts';
import { type AccountIds, renumbering } from './account-ids.ts';
import { type ContentAccess, textAt, withContent } from './content.ts';
import { mapInodes } from './map-inodes.ts';

const PASSWD = '/etc/passwd';
const GROUP = '/etc/group';

/**
 * The tree with the accounts that are in `known` under their known numbers: in the databases of accounts, as owners and in
 * access control lists. Files in a machine's /var keep their owners when another image comes, whatever the order in
 * which its packages were configured.
 */
export function withStableIds(tree: Tree, known: AccountIds, access: ContentAccess): Tree {
  const accounts = (path: string) => [...parseAccounts(textAt(tree, path, access.read))];
  const users = renumbering(accounts(PASSWD), known.users);
  const groups = renumbering(accounts(GROUP), known.groups);
  if (users.size === 0 && groups.size === 0) return tree;
  const owned = mapInodes(tree, node => newOwners(node, users, groups));
  const withUsers = withFields(owned, PASSWD, { fields: { 2: users, 3: groups }, access });
  return withFields(withUsers, GROUP, { fields: { 2: groups }, access });
}

type Renumbering = ReadonlyMap<number, number>;

/** The tree with numbers in some fields of each line of a file changed; fields count from 0. */
function withFields(
  tree: Tree,
  path: string,
  { fields, access }: { fields: Readonly<Record<number, Renumbering>>; access: ContentAccess },
): Tree {
  const node = lookup(tree, fromText(path));
  if (node?.kind !== 'file') return tree;
  const lines = access
    .read(node)
    .toString('latin1')
    .split('\n')
    .map(line =>
      line
        .split(':')
        .map((text, index) => (/^\d+$/.test(text) ? String(fields[index]?.get(Number(text)) ?? text) : text))
        .join(':'),
    );
  return withNode(tree, fromText(path), withContent(node, Buffer.from(lines.join('\n'), 'latin1'), access));
}

function newOwners(node: Node, users: Renumbering, groups: Renumbering): Partial<Metadata> | undefined {
  const uid = users.get(node.uid) ?? node.uid;
  const gid = groups.get(node.gid) ?? node.gid;
  const xattrs = node.xattrs === undefined ? undefined : newLists(node.xattrs, users, groups);
  if (uid === node.uid && gid === node.gid && xattrs === node.xattrs) return undefined;
  return { uid, gid, xattrs };
}

/** <linux/posix_acl_xattr.h>: a version in 4 bytes, then entries of tag (2), permissions (2) and id (4). */
function newLists(xattrs: Xattrs, users: Renumbering, groups: Renumbering): Xattrs {
  let result: Map<ByteString, ByteString> | undefined;
  for (const [name, value] of xattrs) {
    if (name !== 'system.posix_acl_access' && name !== 'system.posix_acl_default') continue;
    const bytes = toBuffer(value);
    let changed = false;
    for (let at = 4; at + 8 <= bytes.length; at += 8) {
      const tag = bytes.readUInt16LE(at);
      const map = tag === ACL_USER ? users : tag === ACL_GROUP ? groups : undefined;
      const to = map?.get(bytes.readUInt32LE(at + 4));
      if (to === undefined) continue;
      bytes.writeUInt32LE(to, at + 4);
      changed = true;
    }
    if (!changed) continue;
    result ??= new Map(xattrs);
    result.set(name, bytes.toString('latin1') as ByteString);
  }
  return result ?? xattrs;
}

const ACL_USER = 0x02;
const ACL_GROUP = 0x08;
