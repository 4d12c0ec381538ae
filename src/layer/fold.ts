import { FormatError } from '../errors/index.ts';
import { type ByteString, fromText, joinPath, toPath } from '../formats/bytes/index.ts';
import {
  type Directory,
  INLINE_CONTENT_MAX,
  type Leaf,
  lookup,
  type Metadata,
  type Node,
  type RegularFile,
  S_IFCHR,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  type Tree,
  type Xattrs,
} from '../formats/tree/index.ts';
import { metadataOf, specialKind } from '../fs/index.ts';
import type { Stat, Sys } from '../sys/index.ts';

const OVERLAY_PREFIX = 'trusted.overlay.';
const OPAQUE = fromText('trusted.overlay.opaque');
const METACOPY = fromText('trusted.overlay.metacopy');
const REDIRECT = fromText('trusted.overlay.redirect');

/** A regular file of the upper layer whose bytes are not in the store yet; `file.content` is to be filled in. */
export interface PendingContent {
  readonly path: ByteString;
  readonly file: RegularFile;
}

export interface Folded {
  readonly tree: Tree;
  readonly pending: readonly PendingContent[];
  /** Entries seen in the upper layer. */
  readonly entries: number;
}

/**
 * What an overlay with `base` below and the directory `upper` above shows, as a tree (Linux overlayfs, metacopy and
 * redirect_dir on, index off). Only the upper layer is walked: what it does not touch is shared with `base`, which
 * is not changed. Rules of Documentation/filesystems/overlayfs.rst: a character device 0:0 removes a name; an opaque
 * directory hides what is below; a redirect says from where below a renamed directory or a metadata-only file comes.
 */
export function foldUpper(sys: Sys, base: Tree, upper: string): Folded {
  const state: State = { sys, base, pending: [], inodes: new Map(), entries: 0 };
  const root = fromText(upper);
  const metadata = readMetadata(state, root, sys.lstat(upper));
  // The upper root is made by us, and stands for the base's own root.
  const tree: Directory = { ...copyMetadata(base), kind: 'directory', entries: new Map(base.entries) };
  if (metadata.overlay?.get(OPAQUE) === 'y') tree.entries.clear();
  foldDirectory(state, { path: root, target: tree, lower: base });
  return { tree, pending: state.pending, entries: state.entries };
}

interface State {
  readonly sys: Sys;
  readonly base: Tree;
  readonly pending: PendingContent[];
  /** Leaves with several names in the upper layer, by inode number. */
  readonly inodes: Map<number, Leaf>;
  entries: number;
}

interface Frame {
  readonly path: ByteString;
  readonly target: Directory;
  /** The directory of the base that shows through here. */
  readonly lower: Directory | undefined;
}

function foldDirectory(state: State, frame: Frame): void {
  for (const name of state.sys.readdir(toPath(frame.path))) {
    state.entries += 1;
    const path = joinPath(frame.path, name);
    const stat = state.sys.lstat(toPath(path));
    const type = stat.mode & S_IFMT;
    if (type === S_IFCHR && stat.rdev === 0) frame.target.entries.delete(name);
    else if (type === S_IFDIR)
      frame.target.entries.set(name, foldSubdirectory(state, { frame, name, path, stat }));
    else frame.target.entries.set(name, foldLeaf(state, { frame, name, path, stat }));
  }
}

interface Entry {
  readonly frame: Frame;
  readonly name: ByteString;
  readonly path: ByteString;
  readonly stat: Stat;
}

function foldSubdirectory(state: State, entry: Entry): Directory {
  const { metadata, overlay } = readMetadata(state, entry.path, entry.stat);
  const lower = overlay?.get(OPAQUE) === 'y' ? undefined : lowerOf(state, entry, overlay);
  const shown = lower?.kind === 'directory' ? lower : undefined;
  const directory: Directory = { ...metadata, kind: 'directory', entries: new Map(shown?.entries) };
  foldDirectory(state, { path: entry.path, target: directory, lower: shown });
  return directory;
}

function foldLeaf(state: State, entry: Entry): Leaf {
  const linked = entry.stat.nlink > 1 ? state.inodes.get(entry.stat.ino) : undefined;
  if (linked !== undefined) return linked;
  const leaf = readLeaf(state, entry);
  if (entry.stat.nlink > 1) state.inodes.set(entry.stat.ino, leaf);
  return leaf;
}

function readLeaf(state: State, entry: Entry): Leaf {
  const { metadata, overlay } = readMetadata(state, entry.path, entry.stat);
  const type = entry.stat.mode & S_IFMT;
  if (type === S_IFLNK)
    return { ...metadata, kind: 'symlink', target: state.sys.readlink(toPath(entry.path)), nlink: 1 };
  if (type !== S_IFREG)
    return { ...metadata, kind: specialKind(entry.stat), rdev: entry.stat.rdev, nlink: 1 };
  if (overlay?.has(METACOPY)) return metadataOnly(state, { ...entry, metadata, overlay });
  const empty = { kind: 'inline', bytes: Buffer.alloc(0) } as const;
  const file: RegularFile = { ...metadata, kind: 'file', size: entry.stat.size, content: empty, nlink: 1 };
  if (file.size > INLINE_CONTENT_MAX) state.pending.push({ path: entry.path, file });
  else if (file.size > 0) file.content = { kind: 'inline', bytes: state.sys.readFile(toPath(entry.path)) };
  return file;
}

/** A file of which only the metadata was changed: its bytes are those of the file below. */
function metadataOnly(state: State, entry: Entry & { metadata: Metadata; overlay: Xattrs }): RegularFile {
  const lower = lowerOf(state, entry, entry.overlay);
  if (lower?.kind !== 'file')
    throw new FormatError('overlay upper layer', `no file below ${entry.path} to take its content from`);
  return { ...entry.metadata, kind: 'file', size: lower.size, content: lower.content, nlink: 1 };
}

function lowerOf(state: State, entry: Entry, overlay: Xattrs | undefined): Node | undefined {
  const redirect = overlay?.get(REDIRECT);
  if (redirect?.startsWith('/')) return lookup(state.base, redirect);
  return entry.frame.lower?.entries.get(redirect ?? entry.name);
}

function readMetadata(
  state: State,
  path: ByteString,
  stat: Stat,
): { metadata: Metadata; overlay: Xattrs | undefined } {
  const { xattrs, overlay } = splitXattrs(state.sys.xattrs(toPath(path)));
  return { metadata: metadataOf(stat, xattrs), overlay };
}

/** The overlay's own bookkeeping apart from the file's xattrs. Bookkeeping of a nested overlay was escaped on the way in. */
function splitXattrs(all: Xattrs | undefined): { xattrs: Xattrs | undefined; overlay: Xattrs | undefined } {
  if (all === undefined) return { xattrs: undefined, overlay: undefined };
  const xattrs = new Map<ByteString, ByteString>();
  const overlay = new Map<ByteString, ByteString>();
  for (const [name, value] of all) {
    if (!name.startsWith(OVERLAY_PREFIX)) xattrs.set(name, value);
    else if (name.startsWith(`${OVERLAY_PREFIX}overlay.`))
      xattrs.set(
        `${OVERLAY_PREFIX}${name.slice(OVERLAY_PREFIX.length + 'overlay.'.length)}` as ByteString,
        value,
      );
    else overlay.set(name, value);
  }
  return { xattrs: xattrs.size > 0 ? xattrs : undefined, overlay };
}

function copyMetadata(node: Metadata): Metadata {
  const { mode, uid, gid, mtime, mtimeNsec, xattrs } = node;
  return { mode, uid, gid, mtime, mtimeNsec, xattrs };
}
