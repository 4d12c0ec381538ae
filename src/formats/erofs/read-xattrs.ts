import { type ByteString, fromBuffer } from '../bytes/index.ts';
import type { Content, Xattrs } from '../tree/index.ts';
import { DIGEST_ALGORITHMS, digestAlgorithm, objectPath } from '../verity/index.ts';
import { roundUp, SYMLINK_MAX, XATTR_ENTRY_BYTES, XATTR_HEADER_BYTES } from './constants.ts';
import { claim, type ImageView, refuseImage } from './image-view.ts';
import type { RawInode } from './read-inode.ts';
import { KEY, prefixText, unescapeKey } from './xattr-keys.ts';

/** An inode's xattrs, told apart into the tree's own and what composefs added. */
export interface InodeXattrs {
  readonly own: Xattrs | undefined;
  /** Payload of `trusted.overlay.redirect`; empty when there is none. */
  readonly path: ByteString;
  readonly digest: string | undefined;
  readonly isWhiteout: boolean;
}

/** What was read before: shared entries by offset, and whole lists of references. */
export interface XattrReader {
  readonly shared: Map<number, Pair>;
  readonly lists: Map<string, InodeXattrs>;
}

type Pair = readonly [key: ByteString, value: ByteString];

const NONE: InodeXattrs = { own: undefined, path: '' as ByteString, digest: undefined, isWhiteout: false };

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
  const inlineStart = xattrOffset + XATTR_HEADER_BYTES + references * 4;
  if (inlineStart > end) refuseImage(xattrOffset, `${references} shared xattrs in ${xattrBytes} bytes`);
  const inline: Pair[] = [];
  for (let at = inlineStart; at < end; ) {
    const { pair, bytes } = readEntry(view, at, end);
    inline.push(pair);
    at += bytes;
  }
  const shared =
    references === 0
      ? NONE
      : readReferences(view, reader, { start: xattrOffset + XATTR_HEADER_BYTES, end: inlineStart });
  return inline.length === 0 ? shared : combine(inline, shared, inode.offset);
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
  const pairs: Pair[] = [];
  for (let at = start; at < end; at += 4) {
    const offset = view.xattrBase + view.data.getUint32(at, true) * 4;
    let pair = reader.shared.get(offset);
    if (pair === undefined) {
      const entry = readEntry(view, offset, view.bytes.length);
      claim(view, offset, entry.bytes);
      pair = entry.pair;
      reader.shared.set(offset, pair);
    }
    pairs.push(pair);
  }
  const xattrs = combine(pairs, NONE, start);
  reader.lists.set(list, xattrs);
  return xattrs;
}

function readEntry(view: ImageView, at: number, end: number): { pair: Pair; bytes: number } {
  const { bytes, data } = view;
  if (at + XATTR_ENTRY_BYTES > end) refuseImage(Math.min(at, bytes.length), 'an xattr beyond its area');
  const suffixBytes = bytes[at]!;
  const prefix = prefixText(bytes[at + 1]!) ?? refuseImage(at, `unknown xattr prefix ${bytes[at + 1]}`);
  const valueBytes = data.getUint16(at + 2, true);
  const suffixStart = at + XATTR_ENTRY_BYTES;
  const valueStart = suffixStart + suffixBytes;
  const entryBytes = roundUp(XATTR_ENTRY_BYTES + suffixBytes + valueBytes, 4);
  if (at + entryBytes > end) refuseImage(at, 'an xattr beyond its area');
  const key = (prefix + fromBuffer(bytes, suffixStart, valueStart)) as ByteString;
  if (key === '' || key.includes('\0')) refuseImage(at, 'an xattr without a sound name');
  return { pair: [key, fromBuffer(bytes, valueStart, valueStart + valueBytes)], bytes: entryBytes };
}

/** Adds pairs before the xattrs already there. */
function combine(pairs: readonly Pair[], after: InodeXattrs, offset: number): InodeXattrs {
  const own = new Map<ByteString, ByteString>();
  let { path, digest, isWhiteout } = after;
  for (const [key, value] of pairs) {
    if (key === KEY.redirect) path = readRedirect(value, offset);
    else if (key === KEY.metacopy) digest = readMetacopy(value, offset);
    else if (key === KEY.escapedWhiteout) isWhiteout = true;
    else if (key !== KEY.escapedWhiteouts && key !== KEY.userWhiteout && key !== KEY.userWhiteouts) {
      const treeKey = unescapeKey(key);
      if (treeKey !== undefined) own.set(treeKey, value);
    }
  }
  if (own.size === 0) return { own: after.own, path, digest, isWhiteout };
  if (after.own !== undefined) for (const [key, value] of after.own) own.set(key, value);
  return { own, path, digest, isWhiteout };
}

function readRedirect(value: ByteString, offset: number): ByteString {
  const path = (value.startsWith('/') ? value.slice(1) : value) as ByteString;
  if (path.length > SYMLINK_MAX || path.includes('\0')) refuseImage(offset, 'a redirect that is not a path');
  return path;
}

function readMetacopy(value: ByteString, offset: number): string | undefined {
  if (value === '') return undefined;
  const digest = Buffer.from(value.slice(4), 'latin1').toString('hex');
  const { number, hashBytes } = DIGEST_ALGORITHMS[digestAlgorithm(digest)];
  const sound =
    value.length === hashBytes + 4 && value.startsWith(String.fromCharCode(0, value.length, 0, number));
  return sound ? digest : refuseImage(offset, 'a metacopy xattr that holds no digest');
}
