import { cloneDirectory, type Node, type Tree } from '../../formats/tree/index.ts';

/**
 * The tree with every time that is later than `epochSeconds` set to it: what was made while the image was built has no
 * time of its own. Hard links stay hard links.
 */
export function clampTimes(tree: Tree, epochSeconds: number): Tree {
  const changed = new Map<Node, Node>();
  const clamp = (node: Node): Node => {
    const known = changed.get(node);
    if (known !== undefined) return known;
    const late = node.mtime > epochSeconds || (node.mtime === epochSeconds && node.mtimeNsec > 0);
    let result: Node = late ? { ...node, mtime: epochSeconds, mtimeNsec: 0 } : node;
    if (node.kind === 'directory') result = clampEntries(late ? cloneDirectory(result as Tree) : node, clamp);
    changed.set(node, result);
    return result;
  };
  return clamp(tree) as Tree;
}

function clampEntries(directory: Tree, clamp: (node: Node) => Node): Tree {
  let result = directory;
  for (const [name, node] of directory.entries) {
    const clamped = clamp(node);
    if (clamped === node) continue;
    if (result === directory) result = cloneDirectory(directory);
    result.entries.set(name, clamped);
  }
  return result;
}
