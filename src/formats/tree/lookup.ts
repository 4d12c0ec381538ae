import type { ByteString } from '../bytes/index.ts';
import type { Directory, Node, Tree } from './model.ts';

/**
 * The node at a path such as `/usr/bin/vim`, or undefined. The empty path and `/` are the root; repeated slashes
 * count as one. Symbolic links are not followed, and `.` and `..` are names that no tree has.
 */
export function lookup(tree: Tree, path: ByteString): Node | undefined {
  let node: Node = tree;
  for (const name of components(path)) {
    const child: Node | undefined = node.kind === 'directory' ? node.entries.get(name) : undefined;
    if (child === undefined) return undefined;
    node = child;
  }
  return node;
}

/** The directory at a path, or undefined where there is none. */
export function lookupDirectory(tree: Tree, path: ByteString): Directory | undefined {
  const node = lookup(tree, path);
  return node?.kind === 'directory' ? node : undefined;
}

/** The names a path is made of. */
export function components(path: ByteString): ByteString[] {
  return path.split('/').filter(name => name !== '') as ByteString[];
}
