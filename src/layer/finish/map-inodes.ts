import {
  cloneDirectory,
  type Directory,
  type Metadata,
  type Node,
  type Tree,
} from '../../formats/tree/index.ts';

/**
 * The tree with the metadata of inodes changed: `change` says what becomes different, or undefined for nothing. Hard links
 * stay hard links, and what does not change is shared with `tree`.
 */
export function mapInodes(tree: Tree, change: (node: Node) => Partial<Metadata> | undefined): Tree {
  const mapped = new Map<Node, Node>();
  const map = (node: Node): Node => {
    const known = mapped.get(node);
    if (known !== undefined) return known;
    const own = change(node);
    let result: Node = own === undefined ? node : { ...node, ...own };
    if (node.kind === 'directory') result = mapEntries(result as Directory, own !== undefined, map);
    mapped.set(node, result);
    return result;
  };
  return map(tree) as Tree;
}

function mapEntries(directory: Directory, isOwn: boolean, map: (node: Node) => Node): Directory {
  let result = directory;
  let owned = false;
  for (const [name, node] of directory.entries) {
    const after = map(node);
    if (after === node) continue;
    if (!owned) result = cloneDirectory(directory);
    owned = true;
    result.entries.set(name, after);
  }
  // A copy of metadata alone would share its entries with the original.
  return isOwn && !owned ? cloneDirectory(directory) : result;
}
