import { fromText } from '../formats/bytes/index.ts';
import { contentOf, type Tree, withNode } from '../formats/tree/index.ts';
import { putObject, type WritableStore } from '../store/index.ts';

interface PlacedFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: number;
}

/** The tree with a file of root's, as old as the tree's root; whatever has its name is replaced. */
export function placeFile(store: WritableStore, tree: Tree, file: PlacedFile): Tree {
  return withRootFile(tree, file, bytes => putObject(store, bytes));
}

/** The same for whoever stores contents in a way of its own: `put` returns the digest of what is too long to be inline. */
export function withRootFile(tree: Tree, file: PlacedFile, put: (bytes: Buffer) => string): Tree {
  const { bytes, mode } = file;
  const { mtime, mtimeNsec } = tree;
  const content = contentOf(bytes, put);
  const metadata = { mode, uid: 0, gid: 0, mtime, mtimeNsec, xattrs: undefined };
  return withNode(tree, fromText(file.path), {
    ...metadata,
    kind: 'file',
    size: bytes.length,
    content,
    nlink: 1,
  });
}
