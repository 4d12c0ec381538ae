import { FormatError } from '../../errors/index.ts';
import { type ByteString, joinPath, toText } from '../../formats/bytes/index.ts';
import { containedHardlink, containedPath, type TarEntry, type TarHandler } from '../../formats/tar/index.ts';
import { type Content, components, type Directory, type Leaf, type Node } from '../../formats/tree/index.ts';
import type { ContentSink } from '../../store/index.ts';
import type { PackageEntry } from './model.ts';

/** What the data archive of a package holds. */
export interface DataTree {
  readonly root: Directory;
  readonly entries: PackageEntry[];
}

/**
 * Builds the tree of a data archive as dpkg unpacks it: permission bits, numeric owners and whole seconds as stored,
 * extended attributes ignored, the last entry of a path wins. Parents that the archive leaves out are made.
 * FormatError for what no package may have: paths and hard links that lead outside, entries below a link or a file
 * of the archive itself, device nodes (Debian Policy 10.6).
 */
export function dataReader(sink: ContentSink): { handler: TarHandler; tree: DataTree } {
  const root = newDirectory();
  const tree: DataTree = { root, entries: [] };
  let file: { entry: TarEntry; names: ByteString[] } | undefined;
  const handler: TarHandler = {
    entry(entry) {
      const path = containedPath(entry);
      const names = components(path);
      tree.entries.push(recordOf(entry, path));
      file = undefined;
      if (entry.type === 'file') {
        file = { entry, names };
        sink.begin(entry.size);
      } else place(root, entry, { names, node: nodeOf(root, entry) });
    },
    data(chunk) {
      sink.write(chunk);
    },
    entryEnd() {
      if (file === undefined) return;
      const { entry, names } = file;
      const content = sink.end();
      place(root, entry, { names, node: fileOf(entry, content) });
    },
  };
  return { handler, tree };
}

function newDirectory(): Directory {
  const metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };
  return { ...metadata, kind: 'directory', entries: new Map() };
}

function recordOf({ uname, gname }: TarEntry, path: ByteString): PackageEntry {
  const isOther = (name: ByteString) => name !== '' && name !== 'root';
  return {
    path: path === '' ? path : joinPath('' as ByteString, path),
    ...(isOther(uname) && { user: uname }),
    ...(isOther(gname) && { group: gname }),
  };
}

function metadataOf({ mode, uid, gid, mtime }: TarEntry) {
  return { mode, uid, gid, mtime, mtimeNsec: 0, xattrs: undefined };
}

function fileOf(entry: TarEntry, content: Content): Leaf {
  return { ...metadataOf(entry), kind: 'file', size: entry.size, content, nlink: 1 };
}

function nodeOf(root: Directory, entry: TarEntry): Node {
  switch (entry.type) {
    case 'directory':
      return { ...newDirectory(), ...metadataOf(entry) };
    case 'symlink':
      if (entry.linkTarget === '') throw refused(entry, 'is a symbolic link to nothing');
      return { ...metadataOf(entry), kind: 'symlink', target: entry.linkTarget, nlink: 1 };
    case 'hardlink':
      return linkedFile(root, entry);
    case 'fifo':
      return { ...metadataOf(entry), kind: 'fifo', rdev: 0, nlink: 1 };
    default:
      throw refused(entry, `is a ${entry.type} device, which no package may contain`);
  }
}

/** The file of the same archive that a hard link names; it comes before the link. */
function linkedFile(root: Directory, entry: TarEntry): Leaf {
  let node: Node | undefined = root;
  for (const name of components(containedHardlink(entry)))
    node = node?.kind === 'directory' ? node.entries.get(name) : undefined;
  if (node === undefined || node.kind === 'directory')
    throw refused(entry, `is a hard link to ${toText(entry.linkTarget)}, which is no file before it`);
  node.nlink += 1;
  return node;
}

function place(root: Directory, entry: TarEntry, { names, node }: { names: ByteString[]; node: Node }): void {
  const name = names.pop();
  if (name === undefined) {
    if (node.kind !== 'directory') throw refused(entry, 'is the root but no directory');
    Object.assign(root, metadataOf(entry));
    return;
  }
  let directory = root;
  for (const part of names) directory = enter(directory, part, entry);
  const before = directory.entries.get(name);
  if (before?.kind === 'directory') {
    if (node.kind !== 'directory') throw refused(entry, 'replaces a directory of the same archive');
    Object.assign(before, metadataOf(entry));
    return;
  }
  directory.entries.set(name, node);
}

function enter(directory: Directory, name: ByteString, entry: TarEntry): Directory {
  const child = directory.entries.get(name);
  if (child?.kind === 'directory') return child;
  if (child !== undefined)
    throw refused(entry, `goes through ${toText(name)}, a ${child.kind} of the same archive`);
  const made = newDirectory();
  directory.entries.set(name, made);
  return made;
}

function refused(entry: TarEntry, reason: string): FormatError {
  return new FormatError(
    'tar',
    `${toText(entry.rawPath)} ${reason}`,
    { offset: entry.offset },
    { hint: 'do not use this package' },
  );
}
