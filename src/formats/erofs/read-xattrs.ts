import { type ByteString, fromBuffer } from '../bytes/index.ts';
import type { Content, Xattrs } from '../tree/index.ts';
import { DIGEST_ALGORITHMS, digestAlgorithm, objectPath } from '../verity/index.ts';
import { roundUp, SYMLINK_MAX, XATTR_ENTRY_BYTES, XATTR_HEADER_BYTES } from './constants.ts';
import { claim, type ImageView, refuseImage } from './image-view.ts';
import type { RawInode } from './read-inode.ts';
import { KEY, prefixText, splitKey, unescapeKey } from './xattr-keys.ts';

/** An inode's xattrs, told apart into the tree's own and what composefs added. */
export interface InodeXattrs {
  readonly own: Xattrs | undefined;
  /** Payload of `trusted.overlay.redirect`; empty when there is none. */
  readonly path: ByteString;
  readonly digest: string | undefined;
  readonly isWhiteout: boolean;
}

/** The same while it is being filled. */
interface Sorting {
  own: Map<ByteString, ByteString> | undefined;
  path: ByteString;
  digest: string | undefined;
  isWhiteout: boolean;
}

/** What was read before: shared entries by offset, and whole lists of references. */
export interface XattrReader {
  readonly shared: Map<number, Pair>;
  readonly lists: Map<ByteString, InodeXattrs>;
}

type Pair = readonly [key: ByteString, value: ByteString];

const NONE: InodeXattrs = { own: undefined, path: '' as ByteString, digest: undefined, isWhiteout: false };
const METACOPY = splitKey(KEY.metacopy);
const REDIRECT = splitKey(KEY.redirect);

export function createXattrReader(): XattrReader {
  return { shared: new Map(), lists: new Map() };
}

/**
 * The xattrs of an inode, inline ones before shared ones. What composefs adds for itself is taken out, and escaped
 * overlay names are restored. Inodes that have the same shared xattrs and no inline ones of their own share one map.
 */
export function readXattrs(view: ImageView, reader: XattrReader, inode: RawInode): InodeXattrs {
  const { xattrOffset, xattrBytes } = inode;
  if (xattrBytes === 0) return NONE;
  const end = xattrOffset + xattrBytes;
  const references = view.bytes[xattrOffset + 4]!;
  const listStart = xattrOffset + XATTR_HEADER_BYTES;
  const inlineStart = listStart + references * 4;
  if (inlineStart > end) refuseImage(xattrOffset, `${references} shared xattrs in ${xattrBytes} bytes`);
  const shared =
    references === 0 ? NONE : readReferences(view, reader, { start: listStart, end: inlineStart });
  if (inlineStart === end) return shared;
  const { path, digest, isWhiteout } = shared;
  const sorting: Sorting = { own: undefined, path, digest, isWhiteout };
  for (let at = inlineStart; at < end; ) {
    const entryBytes = checkEntry(view, at, end);
    sortEntry(view, sorting, at);
    at += entryBytes;
  }
  if (sorting.own === undefined) return { ...sorting, own: shared.own };
  if (shared.own !== undefined) for (const [key, value] of shared.own) sorting.own.set(key, value);
  return sorting;
}

/** The content of an external file as its xattrs say. */
export function externalContent({ path, digest }: InodeXattrs): Content {
  if (digest !== undefined && path === objectPath(digest)) return { kind: 'object', digest };
  return { kind: 'path', path, digest };
}

function readReferences(
  view: ImageView,
  reader: XattrReader,
  { start, end }: { start: number; end: number },
): InodeXattrs {
  const list = fromBuffer(view.bytes, start, end);
  const known = reader.lists.get(list);
  if (known !== undefined) return known;
  const sorting: Sorting = { ...NONE, own: undefined };
  for (let at = start; at < end; at += 4) {
    const offset = view.xattrBase + view.data.getUint32(at, true) * 4;
    let pair = reader.shared.get(offset);
    if (pair === undefined) {
      claim(view, offset, checkEntry(view, offset, view.bytes.length));
      pair = readPair(view, offset);
      reader.shared.set(offset, pair);
    }
    sortPair(sorting, pair, offset);
  }
  reader.lists.set(list, sorting);
  return sorting;
}

/** The size of the entry at `at`, which must end before `end`. */
function checkEntry({ bytes, data }: ImageView, at: number, end: number): number {
  if (at + XATTR_ENTRY_BYTES > end) refuseImage(Math.min(at, bytes.length), 'an xattr beyond its area');
  const entryBytes = roundUp(XATTR_ENTRY_BYTES + bytes[at]! + data.getUint16(at + 2, true), 4);
  return at + entryBytes > end ? refuseImage(at, 'an xattr beyond its area') : entryBytes;
}

/** Takes in an inline entry. The two that nearly every file has are read without making a name of them. */
function sortEntry(view: ImageView, sorting: Sorting, at: number): void {
  const { bytes, data } = view;
  if (bytes[at + 1] === METACOPY.prefixIndex && bytes[at] === METACOPY.suffix.length) {
    const valueStart = at + XATTR_ENTRY_BYTES + METACOPY.suffix.length;
    const suffix = fromBuffer(bytes, at + XATTR_ENTRY_BYTES, valueStart);
    const valueEnd = valueStart + data.getUint16(at + 2, true);
    if (suffix === METACOPY.suffix) {
      sorting.digest = readMetacopy(bytes, valueStart, valueEnd);
      return;
    }
    if (suffix === REDIRECT.suffix) {
      sorting.path = readRedirect(fromBuffer(bytes, valueStart, valueEnd), at);
      return;
    }
  }
  sortPair(sorting, readPair(view, at), at);
}

function readPair({ bytes, data }: ImageView, at: number): Pair {
  const suffixStart = at + XATTR_ENTRY_BYTES;
  const valueStart = suffixStart + bytes[at]!;
  const prefix = prefixText(bytes[at + 1]!) ?? refuseImage(at, `unknown xattr prefix ${bytes[at + 1]}`);
  const key = (prefix + fromBuffer(bytes, suffixStart, valueStart)) as ByteString;
  if (key === '' || key.includes('\0')) refuseImage(at, 'an xattr without a sound name');
  return [key, fromBuffer(bytes, valueStart, valueStart + data.getUint16(at + 2, true))];
}

function sortPair(sorting: Sorting, [key, value]: Pair, offset: number): void {
  switch (key) {
    case KEY.redirect:
      sorting.path = readRedirect(value, offset);
      break;
    case KEY.metacopy:
      sorting.digest = readMetacopy(Buffer.from(value, 'latin1'), 0, value.length);
      break;
    case KEY.escapedWhiteout:
      sorting.isWhiteout = true;
      break;
    case KEY.escapedWhiteouts:
    case KEY.userWhiteout:
    case KEY.userWhiteouts:
      break;
    default: {
      const treeKey = unescapeKey(key);
      if (treeKey === undefined) return;
      sorting.own ??= new Map();
      sorting.own.set(treeKey, value);
    }
  }
}

function readRedirect(value: ByteString, offset: number): ByteString {
  const path = (value.startsWith('/') ? value.slice(1) : value) as ByteString;
  if (path.length > SYMLINK_MAX || path.includes('\0')) refuseImage(offset, 'a redirect that is not a path');
  return path;
}

function readMetacopy(bytes: Buffer, start: number, end: number): string | undefined {
  if (start === end) return undefined;
  const length = end - start;
  const digest = bytes.toString('hex', start + 4, end);
  const { number, hashBytes } = DIGEST_ALGORITHMS[digestAlgorithm(digest)];
  const isSound =
    length === hashBytes + 4 &&
    bytes[start] === 0 &&
    bytes[start + 1] === length &&
    bytes[start + 2] === 0 &&
    bytes[start + 3] === number;
  return isSound ? digest : refuseImage(start, 'a metacopy xattr that holds no digest');
}
