import { AptLayerError, FormatError } from '../errors/index.ts';
import { type ByteString, toText } from '../formats/bytes/index.ts';
import {
  type Containment,
  containedHardlink,
  containedPath,
  type TarEntry,
  type TarHandler,
} from '../formats/tar/index.ts';
import {
  type Content,
  components,
  type Directory,
  type Leaf,
  lookup,
  type Metadata,
  type Node,
  resolveParents,
} from '../formats/tree/index.ts';
import type { ContentSink } from './content-sink.ts';

export interface TarTreeRules extends Containment {
  /** What an inode gets of an entry. */
  readonly metadata: (entry: TarEntry) => Metadata;
  readonly devices: 'keep' | 'refuse';
  /** What lies below a link of the archive itself: refused (the default), or where the link leads, inside the tree as in a chroot. */
  readonly links?: 'refuse' | 'follow';
  /** What to do about an archive that is refused, for the error. */
  readonly hint: string;
  /** Hears each entry, with its path. */
  readonly onEntry?: (entry: TarEntry, path: ByteString) => void;
}

/** What an archive becomes. */
export interface TarTree {
  readonly handler: TarHandler;
  readonly root: Directory;
  /** Directories that the archive has no entry for, only for what is in them. */
  readonly implied: ReadonlySet<Directory>;
}

/**
 * Builds the tree of a tar archive whose contents go to `sink`: the last entry of a path wins, parents that the archive leaves out are
 * made. FormatError for paths and hard links that lead outside, entries below a file of the archive itself, and entries below its links and
 * devices where they are refused.
 */
export function tarTreeReader(sink: ContentSink, rules: TarTreeRules): TarTree {
  const build: Build = { root: newDirectory(), implied: new Set(), rules };
  build.implied.add(build.root);
  let file: TarEntry | undefined;
  const handler: TarHandler = {
    entry(entry) {
      rules.onEntry?.(entry, containedPath(entry, rules));
      file = undefined;
      if (entry.type === 'file') {
        file = entry;
        sink.begin(entry.size);
      } else place(build, entry, nodeOf(build, entry));
    },
    data(chunk) {
      sink.write(chunk);
    },
    entryEnd() {
      if (file !== undefined) place(build, file, fileOf(build, file, sink.end()));
    },
  };
  return { handler, root: build.root, implied: build.implied };
}

interface Build {
  readonly root: Directory;
  readonly implied: Set<Directory>;
  readonly rules: TarTreeRules;
}

function newDirectory(): Directory {
  const metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };
  return { ...metadata, kind: 'directory', entries: new Map() };
}

function fileOf({ rules }: Build, entry: TarEntry, content: Content): Leaf {
  return { ...rules.metadata(entry), kind: 'file', size: entry.size, content, nlink: 1 };
}

function nodeOf(build: Build, entry: TarEntry): Node {
  const { rules } = build;
  switch (entry.type) {
    case 'directory':
      return { ...newDirectory(), ...rules.metadata(entry) };
    case 'symlink':
      if (entry.linkTarget === '') throw refused(build, entry, 'is a symbolic link to nothing');
      return { ...rules.metadata(entry), kind: 'symlink', target: entry.linkTarget, nlink: 1 };
    case 'hardlink':
      return linkedFile(build, entry);
    case 'fifo':
      return { ...rules.metadata(entry), kind: 'fifo', rdev: 0, nlink: 1 };
    case 'character':
    case 'block':
      if (rules.devices === 'refuse') throw refused(build, entry, `is a ${entry.type} device`);
      return { ...rules.metadata(entry), kind: entry.type, rdev: entry.rdev, nlink: 1 };
    default:
      throw new Error(`a ${entry.type} is no entry without contents`);
  }
}

/** The file of the same archive that a hard link names; it comes before the link. */
function linkedFile(build: Build, entry: TarEntry): Leaf {
  const path = containedHardlink(entry, build.rules);
  const node = lookup(build.root, wayTo(build, entry, path).join('/') as ByteString);
  if (node === undefined || node.kind === 'directory')
    throw refused(build, entry, `is a hard link to ${toText(entry.linkTarget)}, which is no file before it`);
  node.nlink += 1;
  return node;
}

function place(build: Build, entry: TarEntry, node: Node): void {
  const path = containedPath(entry, build.rules);
  const names = wayTo(build, entry, path);
  const name = names.pop();
  if (name === undefined) {
    if (node.kind !== 'directory') throw refused(build, entry, 'is the root but no directory');
    describe(build, build.root, entry);
    return;
  }
  let directory = build.root;
  for (const part of names) directory = enter(build, directory, { part, entry });
  const before = directory.entries.get(name);
  if (before?.kind === 'directory') {
    if (node.kind !== 'directory') throw refused(build, entry, 'replaces a directory of the same archive');
    describe(build, before, entry);
    return;
  }
  directory.entries.set(name, node);
}

/** The names on the way to a path, past links where those are followed. */
function wayTo({ root, rules }: Build, entry: TarEntry, path: ByteString): ByteString[] {
  if (rules.links !== 'follow') return components(path);
  try {
    return resolveParents(root, path);
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    throw refused({ rules }, entry, 'goes through links that lead back to themselves');
  }
}

/** A directory that is there already gets what its own entry says. */
function describe({ rules, implied }: Build, directory: Directory, entry: TarEntry): void {
  Object.assign(directory, rules.metadata(entry));
  implied.delete(directory);
}

function enter(
  build: Build,
  directory: Directory,
  { part, entry }: { part: ByteString; entry: TarEntry },
): Directory {
  const child = directory.entries.get(part);
  if (child?.kind === 'directory') return child;
  if (child !== undefined)
    throw refused(build, entry, `goes through ${toText(part)}, a ${child.kind} of the same archive`);
  const made = newDirectory();
  build.implied.add(made);
  directory.entries.set(part, made);
  return made;
}

function refused({ rules }: Pick<Build, 'rules'>, entry: TarEntry, reason: string): FormatError {
  const what = `${toText(entry.rawPath)} ${reason}`;
  return new FormatError('tar', what, { offset: entry.offset }, { hint: rules.hint });
}
