import { type ByteString, fromText, joinPath } from '../../src/formats/bytes/index.ts';
import {
  components,
  type Directory,
  type Leaf,
  lookup,
  type Metadata,
  type Node,
  type RegularFile,
} from '../../src/formats/tree/index.ts';

/** Text is a file; the rest as named. A node is taken as it is. */
export type MemoryEntry = string | { readonly link: string } | { readonly hardlink: string } | Node;

export const PLAIN: Metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 100, mtimeNsec: 0, xattrs: undefined };

export function directory(change: Partial<Metadata> = {}): Directory {
  return { ...PLAIN, ...change, kind: 'directory', entries: new Map() };
}

export function file(text: string, change: Partial<Metadata> = {}): RegularFile {
  const bytes = Buffer.from(text);
  return {
    ...PLAIN,
    mode: 0o644,
    ...change,
    kind: 'file',
    size: bytes.length,
    content: { kind: 'inline', bytes },
    nlink: 1,
  };
}

/** A tree of entries by path; missing directories are made. Its files are inline, whatever their size. */
export function memoryTree(entries: Readonly<Record<string, MemoryEntry>>): Directory {
  const root = directory();
  for (const [path, entry] of Object.entries(entries)) {
    const names = components(fromText(path));
    const last = names.pop() as ByteString;
    let parent = root;
    for (const name of names) {
      const child = parent.entries.get(name) ?? directory();
      parent.entries.set(name, child);
      parent = child as Directory;
    }
    parent.entries.set(last, nodeOf(root, entry));
  }
  return root;
}

function nodeOf(root: Directory, entry: MemoryEntry): Node {
  if (typeof entry === 'string') return file(entry);
  if ('kind' in entry) return entry;
  if ('hardlink' in entry) return lookup(root, fromText(entry.hardlink)) as Leaf;
  return { ...PLAIN, mode: 0o777, kind: 'symlink', target: fromText(entry.link), nlink: 1 };
}

export interface MemoryPackage {
  /** Fields of its control file; Version, Architecture and Description have defaults. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, MemoryEntry>>;
  readonly owners?: Readonly<Record<string, { readonly user?: string; readonly group?: string }>>;
  readonly control?: Readonly<Record<string, string>>;
}

/** The image of a package without a .deb; a directory's entry comes before those below it. */
export function memoryImage(name: string, description: MemoryPackage = {}) {
  const fields = { Package: name, Version: '1.0', Architecture: 'all', ...description.fields };
  const text = Object.entries(fields)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');
  const members = Object.entries({ control: text, ...description.control });
  const data = memoryTree(description.files ?? {});
  const entries = pathsOf(data).map(path => ({ path, ...description.owners?.[path] }));
  return {
    sha256: name,
    image: name,
    data,
    control: new Map(members.map(([member, body]) => [member, { bytes: Buffer.from(body), mode: 0o644 }])),
    entries,
  };
}

/** Every path of a tree, the root first as the empty string. */
export function pathsOf(node: Node, path: ByteString = fromText('')): ByteString[] {
  if (node.kind !== 'directory') return [path];
  const below = [...node.entries].flatMap(([name, child]) => pathsOf(child, joinPath(path, name)));
  return [path, ...below];
}

/** The text of an inline file. */
export function readInline(node: RegularFile): Buffer {
  if (node.content.kind !== 'inline') throw new Error('not inline');
  return node.content.bytes;
}
