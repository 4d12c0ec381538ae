import { VOLATILE_TOPS, volatileAction } from '../../apt/index.ts';
import { type ByteString, joinPath } from '../../formats/bytes/index.ts';
import {
  cloneDirectory,
  type Directory,
  type Node,
  type RegularFile,
  type Tree,
} from '../../formats/tree/index.ts';

/** The tree without what no image may carry (apt/volatile.ts). What has nothing to drop is shared with `tree`. */
export function withoutVolatile(tree: Tree): Tree {
  const root = cloneDirectory(tree);
  for (const [name, node] of tree.entries)
    if (VOLATILE_TOPS.has(name) && node.kind === 'directory')
      root.entries.set(name, clean(node, joinPath('' as ByteString, name)));
  return root;
}

function clean(directory: Directory, path: ByteString): Directory {
  let result = directory;
  const edit = () => {
    if (result === directory) result = cloneDirectory(directory);
    return result.entries;
  };
  for (const [name, node] of directory.entries) {
    const kept = cleanNode(node, joinPath(path, name));
    if (kept === node) continue;
    if (kept === undefined) edit().delete(name);
    else edit().set(name, kept);
  }
  return result;
}

function cleanNode(node: Node, path: ByteString): Node | undefined {
  const action = volatileAction(path);
  if (action === 'remove') return undefined;
  if (node.kind === 'directory') return clean(node, path);
  if (action === 'remove-file') return undefined;
  return action === 'empty' && !(node.kind === 'file' && node.size === 0) ? emptied(node) : node;
}

function emptied(node: Exclude<Node, Directory>): RegularFile {
  const { uid, gid, mtime, mtimeNsec } = node;
  const mode = node.kind === 'file' ? node.mode : 0o644;
  const content = { kind: 'inline', bytes: Buffer.alloc(0) } as const;
  return { kind: 'file', mode, uid, gid, mtime, mtimeNsec, xattrs: undefined, size: 0, content, nlink: 1 };
}
