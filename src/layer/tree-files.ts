import type { ImageFiles } from '../apt/index.ts';
import { type ByteString, fromText } from '../formats/bytes/index.ts';
import { lookup, type Node, resolveParents, type Tree } from '../formats/tree/index.ts';
import { readContent, type Store } from '../store/index.ts';

/** As many as the kernel follows in one path (MAXSYMLINKS). */
const SYMLINKS_MAX = 40;

/** The files of a tree, symbolic links followed inside it. */
export function treeFiles(store: Store, tree: Tree): ImageFiles {
  return {
    read(path) {
      const node = follow(tree, fromText(path));
      return node?.kind === 'file' ? readContent(store, node) : undefined;
    },
    list(path) {
      const node = follow(tree, fromText(path));
      return node?.kind === 'directory' ? [...node.entries.keys()].sort() : [];
    },
  };
}

function follow(tree: Tree, path: ByteString): Node | undefined {
  let wanted = path;
  for (let links = 0; links < SYMLINKS_MAX; links += 1) {
    const names = resolveParents(tree, wanted);
    const node = lookup(tree, names.join('/') as ByteString);
    if (node?.kind !== 'symlink') return node;
    const parent = names.slice(0, -1).join('/');
    wanted = node.target.startsWith('/') ? node.target : (`/${parent}/${node.target}` as ByteString);
  }
  return undefined;
}
