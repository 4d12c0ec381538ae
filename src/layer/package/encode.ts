import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import type { Content, Directory, Node, RegularFile, Tree } from '../../formats/tree/index.ts';
import type { ContentSink } from '../../store/index.ts';
import type { ControlMember, PackageEntry, PackageImage } from './model.ts';

const DATA = fromText('data');
const CONTROL = fromText('control');
const ENTRIES = fromText('entries.json');
/** Of entries.json; another one is imported again. */
const VERSION = 1;

type PackageParts = Pick<PackageImage, 'data' | 'control' | 'entries'>;

/** The tree of a package's image. The same package always gives the same tree. */
export function encodePackage({ data, control, entries }: PackageParts, sink: ContentSink): Tree {
  const members = [...control].map(
    ([name, { bytes, mode }]) => [fromText(name), fileOf(sink, bytes, mode)] as const,
  );
  const text = JSON.stringify({ version: VERSION, entries: entries.map(encodeEntry) });
  return directoryOf([
    [DATA, data],
    [CONTROL, directoryOf(members)],
    [ENTRIES, fileOf(sink, Buffer.from(text), 0o644)],
  ]);
}

/** One path in most packages, `[path, user, group]` where others than root own it. */
type EncodedEntry = string | readonly [path: string, user: string, group: string];

function encodeEntry({ path, user, group }: PackageEntry): EncodedEntry {
  return user === undefined && group === undefined ? path : [path, user ?? '', group ?? ''];
}

function decodeEntry(entry: EncodedEntry): PackageEntry {
  if (typeof entry === 'string') return { path: entry as ByteString };
  const [path, user, group] = entry;
  return { path: path as ByteString, ...(user !== '' && { user }), ...(group !== '' && { group }) };
}

/** The package that `encodePackage` made a tree of. `read` gives the contents of files. INTEGRITY for another tree. */
export function decodePackage(tree: Tree, read: (file: RegularFile) => Buffer): PackageParts {
  const data = tree.entries.get(DATA);
  const members = tree.entries.get(CONTROL);
  const index = tree.entries.get(ENTRIES);
  if (data?.kind !== 'directory' || members?.kind !== 'directory' || index?.kind !== 'file') throw notOne();
  const control = new Map<string, ControlMember>();
  for (const [name, node] of members.entries) {
    if (node.kind !== 'file') throw notOne();
    control.set(name, { bytes: read(node), mode: node.mode });
  }
  const { version, entries } = JSON.parse(read(index).toString('utf8')) as {
    version: number;
    entries: EncodedEntry[];
  };
  if (version !== VERSION) throw notOne();
  return { data, control, entries: entries.map(decodeEntry) };
}

function notOne(): AptLayerError {
  return new AptLayerError('INTEGRITY', 'this is not the image of a package', {
    hint: 'it is made again when the package is imported again',
  });
}

function fileOf(sink: ContentSink, bytes: Buffer, mode: number): RegularFile {
  sink.begin(bytes.length);
  sink.write(bytes);
  const content: Content = sink.end();
  return { ...METADATA, kind: 'file', mode, size: bytes.length, content, nlink: 1 };
}

function directoryOf(entries: Iterable<readonly [ByteString, Node]>): Directory {
  return { ...METADATA, kind: 'directory', mode: 0o755, entries: new Map(entries) };
}

const METADATA = { uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };
