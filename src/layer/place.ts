import { fromText } from '../formats/bytes/index.ts';
import { contentOf, type Tree, withNode } from '../formats/tree/index.ts';
import { putObject, type WritableStore } from '../store/index.ts';

/** The tree with a file of root's, as old as the tree's root; whatever has its name is replaced. */
export function placeFile(
  store: WritableStore,
  tree: Tree,
  file: { readonly path: string; readonly bytes: Buffer; readonly mode: number },
): Tree {
  const { bytes, mode } = file;
  const { mtime, mtimeNsec } = tree;
  const content = contentOf(bytes, value => putObject(store, value));
  const metadata = { mode, uid: 0, gid: 0, mtime, mtimeNsec, xattrs: undefined };
  return withNode(tree, fromText(file.path), {
    ...metadata,
    kind: 'file',
    size: bytes.length,
    content,
    nlink: 1,
  });
}
