import { type ByteString, joinPath } from '../bytes/index.ts';
import { sortedNames } from './directory-blocks.ts';
import type { Directory, Node, Tree } from './model.ts';

/** One name in a tree. A node with several names comes once for each. */
export interface WalkEntry {
  /** From the root: `/usr/bin/vim`; the root itself is the empty string. */
  readonly path: ByteString;
  readonly name: ByteString;
  readonly node: Node;
  /** The directory that holds the name; undefined for the root. */
  readonly directory: Directory | undefined;
}

interface Frame {
  readonly path: ByteString;
  readonly directory: Directory;
  readonly names: readonly ByteString[];
  next: number;
}

/**
 * Every name, depth first, a directory before what it holds, names in byte order. The tree must not change at or
 * below the current directory meanwhile. Depth costs heap, not stack.
 */
export function* walk(tree: Tree): Generator<WalkEntry, void, undefined> {
  const root = '' as ByteString;
  yield { path: root, name: root, node: tree, directory: undefined };
  const stack: Frame[] = [{ path: root, directory: tree, names: sortedNames(tree), next: 0 }];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const name = frame.names[frame.next++];
    if (name === undefined) {
      stack.pop();
      continue;
    }
    const node = frame.directory.entries.get(name);
    if (node === undefined) continue;
    const path = joinPath(frame.path, name);
    yield { path, name, node, directory: frame.directory };
    if (node.kind === 'directory') stack.push({ path, directory: node, names: sortedNames(node), next: 0 });
  }
}

/** Numbers of names by kind, the root included; a node with several names counts once for each. */
export function countEntries(tree: Tree): Record<Node['kind'], number> & { total: number } {
  const count = { directory: 0, file: 0, symlink: 0, character: 0, block: 0, fifo: 0, socket: 0, total: 0 };
  const pending: Node[] = [tree];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    count[node.kind] += 1;
    count.total += 1;
    if (node.kind === 'directory') for (const child of node.entries.values()) pending.push(child);
  }
  return count;
}
