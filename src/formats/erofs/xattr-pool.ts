import type { ByteString } from '../bytes/index.ts';
import type { Content, Xattrs } from '../tree/index.ts';
import { digestAlgorithm, objectPath } from '../verity/index.ts';
import { roundUp, XATTR_ENTRY_BYTES } from './constants.ts';
import { escapeKey, KEY, splitKey, type XattrKey } from './xattr-keys.ts';

/** How an entry's value is made when it is written; digests stay hex until then, since most are written once. */
type ValueForm = 'bytes' | 'metacopy' | 'objectPath';

/** One distinct (name, value) of an image. */
export interface XattrEntry {
  readonly name: XattrKey;
  readonly form: ValueForm;
  /** The value, or the digest it is made from. */
  readonly source: string;
  readonly valueBytes: number;
  /** In the image, padded. */
  readonly entryBytes: number;
  /** How many inodes have it. */
  uses: number;
  /** Offset in the shared table; -1 for one that is used once. */
  sharedOffset: number;
}

/** The tree's own xattrs of an inode, in name order, with escaped names. */
export interface XattrSet {
  readonly entries: readonly XattrEntry[];
  /** Where `trusted.overlay.metacopy` and `.redirect` would go among them. */
  readonly metacopyIndex: number;
  readonly redirectIndex: number;
  readonly hasAcl: boolean;
  uses: number;
}

/** What says where an external file's bytes are. */
export interface Backing {
  readonly metacopy: XattrEntry;
  readonly redirect: XattrEntry | undefined;
}

/** All xattrs of an image, each distinct one once. */
export interface XattrPool {
  readonly names: Map<ByteString, XattrKey>;
  readonly values: Map<XattrKey, Map<ByteString, XattrEntry>>;
  readonly sets: XattrSet[];
  /** The sets of maps seen before: inodes that share a map share a set. */
  readonly setsByMap: Map<Xattrs, XattrSet>;
  readonly objects: Map<string, { readonly metacopy: XattrEntry; readonly redirect: XattrEntry }>;
}

export function createPool(): XattrPool {
  return { names: new Map(), values: new Map(), sets: [], setsByMap: new Map(), objects: new Map() };
}

const METACOPY = splitKey(KEY.metacopy);
const REDIRECT = splitKey(KEY.redirect);
/** What comes before the digest in `trusted.overlay.metacopy`: version, length, flags, algorithm. */
export const METACOPY_HEADER = { sha256: '\x00\x24\x00\x01', sha512: '\x00\x44\x00\x02' } as const;
const OBJECT_PATH = /^[0-9a-f]{2}\/(?:[0-9a-f]{62}|[0-9a-f]{126})$/;

/** The set for a tree's xattrs; the same map gives the same set. */
export function internSet(pool: XattrPool, xattrs: Xattrs): XattrSet {
  let set = pool.setsByMap.get(xattrs);
  if (set === undefined) {
    set = makeSet(pool, escapeKeys(xattrs));
    pool.setsByMap.set(xattrs, set);
  }
  return set;
}

/** The xattrs with overlay names escaped, to which what the image adds may be set. */
export function escapeKeys(xattrs: Xattrs): Map<ByteString, ByteString> {
  const escaped = new Map<ByteString, ByteString>();
  for (const [key, value] of xattrs) escaped.set(escapeKey(key), value);
  return escaped;
}

/** A set of xattrs whose names need no escaping. */
export function makeSet(pool: XattrPool, xattrs: Xattrs): XattrSet {
  const entries = [...xattrs.keys()].sort().map(key => internValue(pool, key, xattrs.get(key)!));
  const before = (limit: ByteString): number => entries.filter(({ name }) => name.key < limit).length;
  const set = {
    entries,
    metacopyIndex: before(KEY.metacopy),
    redirectIndex: before(KEY.redirect),
    hasAcl: xattrs.has(KEY.aclAccess) || xattrs.has(KEY.aclDefault),
    uses: 0,
  };
  pool.sets.push(set);
  return set;
}

/** Counts one more external file with this content and returns its xattrs. */
export function useBacking(pool: XattrPool, content: Exclude<Content, { kind: 'inline' }>): Backing {
  if (content.kind === 'object') {
    const object = internObject(pool, content.digest);
    object.metacopy.uses += 1;
    object.redirect.uses += 1;
    return object;
  }
  const metacopy =
    content.digest === undefined
      ? internValue(pool, KEY.metacopy, '' as ByteString)
      : internObject(pool, content.digest).metacopy;
  const redirect = internRedirect(pool, content.path);
  metacopy.uses += 1;
  if (redirect !== undefined) redirect.uses += 1;
  return { metacopy, redirect };
}

/** The entries of the inode in name order, in `list`, which is reused from inode to inode. Returns how many. */
export function collectEntries(
  list: XattrEntry[],
  set: XattrSet | undefined,
  backing: Backing | undefined,
): number {
  let count = 0;
  if (set === undefined) {
    if (backing !== undefined) {
      list[count++] = backing.metacopy;
      if (backing.redirect !== undefined) list[count++] = backing.redirect;
    }
    return count;
  }
  const { entries, metacopyIndex, redirectIndex } = set;
  for (let i = 0; i <= entries.length; i++) {
    if (backing !== undefined && i === metacopyIndex) list[count++] = backing.metacopy;
    if (backing?.redirect !== undefined && i === redirectIndex) list[count++] = backing.redirect;
    if (i < entries.length) list[count++] = entries[i]!;
  }
  return count;
}

/** Gives every entry that several inodes have its place in the shared table, and returns them in that order. */
export function placeShared(pool: XattrPool): {
  readonly entries: readonly XattrEntry[];
  readonly bytes: number;
} {
  for (const set of pool.sets) for (const entry of set.entries) entry.uses += set.uses;
  const shared: XattrEntry[] = [];
  for (const byValue of pool.values.values()) {
    for (const entry of byValue.values()) if (entry.uses > 1) shared.push(entry);
  }
  for (const { metacopy, redirect } of pool.objects.values()) {
    if (metacopy.uses > 1) shared.push(metacopy);
    if (redirect.uses > 1) shared.push(redirect);
  }
  shared.sort(compareShared);
  let bytes = 0;
  for (const entry of shared) {
    entry.sharedOffset = bytes;
    bytes += entry.entryBytes;
  }
  return { entries: shared, bytes };
}

/** An entry's value. */
export function entryValue({ form, source }: XattrEntry): ByteString {
  switch (form) {
    case 'bytes':
      return source as ByteString;
    case 'metacopy': {
      const bytes = Buffer.from(source, 'hex').toString('latin1');
      return (METACOPY_HEADER[digestAlgorithm(source)] + bytes) as ByteString;
    }
    case 'objectPath':
      return `/${objectPath(source)}` as ByteString;
  }
}

/** Name, then value length, then value, all descending. */
function compareShared(a: XattrEntry, b: XattrEntry): number {
  if (a.name.key !== b.name.key) return a.name.key < b.name.key ? 1 : -1;
  if (a.valueBytes !== b.valueBytes) return b.valueBytes - a.valueBytes;
  // Hex and object paths are ordered as what they stand for; the forms differ in length or are interned as one.
  const left = a.form === b.form ? a.source : entryValue(a);
  const right = a.form === b.form ? b.source : entryValue(b);
  return left < right ? 1 : -1;
}

function internObject(pool: XattrPool, digest: string): { metacopy: XattrEntry; redirect: XattrEntry } {
  let object = pool.objects.get(digest);
  if (object === undefined) {
    object = {
      metacopy: makeEntry(METACOPY, 'metacopy', digest, 4 + digest.length / 2),
      redirect: makeEntry(REDIRECT, 'objectPath', digest, digest.length + 2),
    };
    pool.objects.set(digest, object);
  }
  return object;
}

function internRedirect(pool: XattrPool, path: ByteString): XattrEntry | undefined {
  if (path === '') return undefined;
  if (OBJECT_PATH.test(path)) return internObject(pool, path.slice(0, 2) + path.slice(3)).redirect;
  return internValue(pool, KEY.redirect, `/${path}` as ByteString);
}

function internValue(pool: XattrPool, key: ByteString, value: ByteString): XattrEntry {
  let name = pool.names.get(key);
  if (name === undefined) {
    name = splitKey(key);
    pool.names.set(key, name);
    pool.values.set(name, new Map());
  }
  const byValue = pool.values.get(name)!;
  let entry = byValue.get(value);
  if (entry === undefined) {
    entry = makeEntry(name, 'bytes', value, value.length);
    byValue.set(value, entry);
  }
  return entry;
}

function makeEntry(name: XattrKey, form: ValueForm, source: string, valueBytes: number): XattrEntry {
  const entryBytes = roundUp(XATTR_ENTRY_BYTES + name.suffix.length + valueBytes, 4);
  return { name, form, source, valueBytes, entryBytes, uses: 0, sharedOffset: -1 };
}
