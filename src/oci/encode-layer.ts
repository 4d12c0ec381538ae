import { AptLayerError } from '../errors/index.ts';
import { type ByteString, fromBuffer, fromText, toBuffer } from '../formats/bytes/index.ts';
import {
  type Directory,
  lookupDirectory,
  type Node,
  type RegularFile,
  type Tree,
  walk,
} from '../formats/tree/index.ts';
import type { ContentSink, TarTree } from '../store/index.ts';

/** What a layer brings; names in it may be whiteouts. */
export interface LayerTree {
  readonly root: Directory;
  /** Directories that have no entry of their own: those of lower layers keep their metadata. */
  readonly implied: ReadonlySet<Directory>;
}

const ROOT = fromText('root');
const IMPLIED = fromText('implied');
const METADATA = { uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };

/** The tree of a layer's image. The same layer always gives the same tree. */
export function encodeLayer({ root, implied }: Pick<TarTree, 'root' | 'implied'>, sink: ContentSink): Tree {
  const paths = [...walk(root)]
    .filter(({ node }) => node.kind === 'directory' && implied.has(node))
    .map(({ path }) => path);
  const bytes = toBuffer(paths.map(path => `${path}\0`).join('') as ByteString);
  sink.begin(bytes.length);
  sink.write(bytes);
  const list: RegularFile = {
    ...METADATA,
    kind: 'file',
    mode: 0o644,
    size: bytes.length,
    content: sink.end(),
    nlink: 1,
  };
  const entries = new Map<ByteString, Node>([
    [ROOT, root],
    [IMPLIED, list],
  ]);
  return { ...METADATA, kind: 'directory', mode: 0o755, entries };
}

/** The layer that `encodeLayer` made a tree of. `read` gives the contents of files. INTEGRITY for another tree. */
export function decodeLayer(tree: Tree, read: (file: RegularFile) => Buffer): LayerTree {
  const root = tree.entries.get(ROOT);
  const list = tree.entries.get(IMPLIED);
  if (root?.kind !== 'directory' || list?.kind !== 'file')
    throw new AptLayerError('INTEGRITY', 'this is not the image of a layer', {
      hint: '`apt-layer cleanup` drops it; then it is imported again',
    });
  const paths = fromBuffer(read(list)).split('\0').slice(0, -1) as ByteString[];
  const found = paths.map(path => lookupDirectory(root, path));
  return { root, implied: new Set(found.filter(one => one !== undefined)) };
}
