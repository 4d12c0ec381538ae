import { type ByteString, fromText } from '../bytes/index.ts';
import type { Special, Tree, Xattrs } from '../tree/index.ts';
import type { Inode } from './inode.ts';
import { addXattrs } from './xattr-budget.ts';
import { KEY } from './xattr-keys.ts';
import { escapeKeys, makeSet, type XattrPool, type XattrSet } from './xattr-pool.ts';

type Marks = readonly (readonly [ByteString, string])[];

/** An image cannot hold whiteouts (they would hide things when it is mounted), so these say where one was. */
const WHITEOUT: Marks = [
  [KEY.escapedWhiteout, ''],
  [KEY.userWhiteout, ''],
];
const PARENT_V0: Marks = [
  [KEY.escapedWhiteouts, ''],
  [KEY.userWhiteouts, ''],
];
const PARENT_V1: Marks = [...PARENT_V0, [KEY.escapedOpaque, 'x'], [KEY.userOpaque, 'x']];

/** The xattrs of a whiteout's inode; undefined when they take too much room. */
export function whiteoutSet(pool: XattrPool, xattrs: Xattrs | undefined): XattrSet | undefined {
  const escaped = escapeKeys(xattrs ?? new Map());
  return addXattrs(escaped, WHITEOUT) ? makeSet(pool, escaped) : undefined;
}

/** The xattrs of a directory that holds whiteouts; undefined when they take too much room. */
export function whiteoutParentXattrs(
  directory: Inode,
  version: 0 | 1,
): Map<ByteString, ByteString> | undefined {
  const escaped = escapeKeys(directory.node.xattrs ?? new Map());
  return addXattrs(escaped, version === 0 ? PARENT_V0 : PARENT_V1) ? escaped : undefined;
}

/** The xattrs of the root: nothing of a lower layer shows through it. */
export function rootSet(pool: XattrPool, xattrs: Map<ByteString, ByteString>): XattrSet {
  return makeSet(pool, new Map([...xattrs, [KEY.opaque, fromText('y')]]));
}

/** What the names `00`..`ff` of the root stand for: one whiteout like the next. */
export function hiddenWhiteout(root: Tree): Special {
  const { uid, gid, mtime, mtimeNsec, xattrs } = root;
  const label = xattrs?.get(KEY.selinux);
  return {
    kind: 'character',
    mode: 0o644,
    uid,
    gid,
    mtime,
    mtimeNsec,
    xattrs: label === undefined ? undefined : new Map([[KEY.selinux, label]]),
    rdev: 0,
    nlink: 1,
  };
}
