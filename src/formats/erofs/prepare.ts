import { FormatError } from '../../errors/index.ts';
import { type ByteString, fromText, toText } from '../bytes/index.ts';
import {
  type Directory,
  hiddenNames,
  insertNames,
  isWhiteout,
  type Leaf,
  type RegularFile,
  type Special,
  sortedNames,
  type Tree,
} from '../tree/index.ts';
import { type DigestAlgorithm, digestAlgorithm } from '../verity/index.ts';
import { CONTENT_MAX, EXTERNAL_SIZE_MAX, NAME_MAX, SYMLINK_MAX } from './constants.ts';
import { escapeWhiteout, type Inode, inodePath, newInode } from './inode.ts';
import { hiddenWhiteout, rootSet, whiteoutParentXattrs, whiteoutSet } from './marks.ts';
import { xattrProblem } from './xattr-budget.ts';
import { type Backing, escapeKeys, internSet, makeSet, useBacking, type XattrPool } from './xattr-pool.ts';

/** The real name of a leaf that has several: its directory and name there. */
export type RealNames = ReadonlyMap<Leaf, { readonly directory: Directory; readonly name: ByteString }>;

export interface PrepareOptions {
  readonly version: 0 | 1 | 'auto';
  readonly algorithm: DigestAlgorithm | undefined;
  readonly realNames: RealNames | undefined;
}

interface Preparation extends PrepareOptions {
  readonly pool: XattrPool;
  readonly inodes: Map<Leaf, Inode>;
  readonly whiteouts: Inode[];
  readonly hidden: Special;
}

const DOT = fromText('.');
const DOTDOT = fromText('..');

/**
 * What an image holds for a tree: overlay xattrs escaped, whiteouts as marked files, the root opaque and with its 256
 * hidden names, `.` and `..` in every directory. The tree stays as it is. Throws a FormatError with the path of what
 * an image cannot hold.
 */
export function prepareTree(
  tree: Tree,
  pool: XattrPool,
  options: PrepareOptions,
): { root: Inode; version: 0 | 1 } {
  const state: Preparation = {
    ...options,
    pool,
    inodes: new Map(),
    whiteouts: [],
    hidden: hiddenWhiteout(tree),
  };
  const root = directoryInode(state, newInode(tree, undefined, 0));
  fillDirectories(state, root);
  const version = options.version === 'auto' ? (state.whiteouts.length > 0 ? 1 : 0) : options.version;
  const parents = new Set(state.whiteouts.map(inode => inode.parent!));
  for (const inode of parents) {
    const xattrs =
      whiteoutParentXattrs(inode, version) ??
      refuse(inode, 'overlay xattrs too long for one that holds whiteouts');
    inode.set = inode === root ? rootSet(pool, xattrs) : makeSet(pool, xattrs);
  }
  if (!parents.has(root)) root.set = rootSet(pool, escapeKeys(tree.xattrs ?? new Map()));
  return { root, version };
}

/** Depth first, so that the first name met of a leaf is its real one. */
function fillDirectories(state: Preparation, root: Inode): void {
  const stack: Inode[] = [root];
  for (let inode = stack.at(-1); inode !== undefined; inode = stack.at(-1)) {
    const { names, inodes } = inode.listing!;
    const index = inodes.length;
    if (index === names.length) {
      stack.pop();
      continue;
    }
    const child = childInode(state, inode, index);
    inodes.push(child);
    if (child.listing !== undefined && child.parent === inode && child.index === index) {
      inode.listing!.subdirectories += 1;
      stack.push(child);
    }
  }
}

/** The inode behind one name of a directory. */
function childInode(state: Preparation, parent: Inode, index: number): Inode {
  const directory = parent.node as Directory;
  const name = parent.listing!.names[index]!;
  if (name === DOT) return parent;
  if (name === DOTDOT) return parent.parent ?? parent;
  const node = directory.entries.get(name);
  if (node === undefined) return hiddenInode(state, newInode(state.hidden, parent, index));
  if (name.length === 0 || name.length > NAME_MAX) {
    refuse(parent, `a name of ${name.length} bytes in it, not 1..${NAME_MAX}`);
  }
  if (node.kind === 'directory') return directoryInode(state, newInode(node, parent, index));
  const known = state.inodes.get(node);
  if (known === undefined) {
    const inode = leafInode(state, node, newInode(node, parent, index));
    state.inodes.set(node, inode);
    return inode;
  }
  const real = state.realNames?.get(node);
  if (real?.directory === directory && real.name === name) {
    known.parent = parent;
    known.index = index;
  }
  return known;
}

function directoryInode(state: Preparation, inode: Inode): Inode {
  const names = listedNames(inode.node as Directory, inode.parent === undefined);
  inode.listing = { names, inodes: [], ends: [], subdirectories: 0 };
  setXattrs(state, inode);
  return inode;
}

function hiddenInode(state: Preparation, inode: Inode): Inode {
  setXattrs(state, inode);
  return inode;
}

function leafInode(state: Preparation, node: Leaf, inode: Inode): Inode {
  const problem = leafProblem(node);
  if (problem !== undefined) refuse(inode, problem);
  if (node.kind === 'file') inode.backing = backingOf(state, node, inode);
  if (isWhiteout(node)) {
    escapeWhiteout(inode);
    state.whiteouts.push(inode);
  }
  setXattrs(state, inode);
  return inode;
}

function backingOf(state: Preparation, { content }: RegularFile, inode: Inode): Backing | undefined {
  if (content.kind === 'inline') return undefined;
  const { algorithm } = state;
  if (
    algorithm !== undefined &&
    content.digest !== undefined &&
    digestAlgorithm(content.digest) !== algorithm
  ) {
    refuse(inode, `its digest is not ${algorithm}`);
  }
  return useBacking(state.pool, content);
}

function listedNames(directory: Directory, isRoot: boolean): ByteString[] {
  if (directory.entries.has(DOT) || directory.entries.has(DOTDOT)) {
    throw new FormatError('composefs image', 'a directory with an entry named . or ..');
  }
  const names = sortedNames(directory);
  if (isRoot) return insertNames(names, [DOT, DOTDOT, ...hiddenNames(directory)]);
  if (names.length > 0 && names[0]! < DOTDOT) return insertNames(names, [DOT, DOTDOT]);
  names.unshift(DOT, DOTDOT);
  return names;
}

function leafProblem(leaf: Leaf): string | undefined {
  if (leaf.kind === 'symlink') {
    const { length } = leaf.target;
    return length === 0 || length > SYMLINK_MAX
      ? `a symlink target of ${length} bytes, not 1..${SYMLINK_MAX}`
      : undefined;
  }
  if (leaf.kind !== 'file') return undefined;
  const { content, size } = leaf;
  if (content.kind === 'inline') {
    if (content.bytes.length !== size)
      return `content of ${content.bytes.length} bytes where the size is ${size}`;
    return size > CONTENT_MAX ? `inline content of ${size} bytes; the most is ${CONTENT_MAX}` : undefined;
  }
  return size > 0 && size <= EXTERNAL_SIZE_MAX ? undefined : `an external file of ${size} bytes, not 1..2^53`;
}

function setXattrs({ pool }: Preparation, inode: Inode): void {
  const { xattrs } = inode.node;
  const isPlain = !inode.isEscapedWhiteout;
  if (isPlain && (xattrs === undefined || xattrs.size === 0)) return;
  if (xattrs !== undefined && !pool.setsByMap.has(xattrs)) {
    const problem = xattrProblem(xattrs);
    if (problem !== undefined) refuse(inode, problem);
  }
  inode.set = isPlain
    ? internSet(pool, xattrs!)
    : (whiteoutSet(pool, xattrs) ?? refuse(inode, 'overlay xattrs too long for a whiteout'));
}

function refuse(inode: Inode, reason: string): never {
  throw new FormatError('composefs image', `${toText(inodePath(inode))}: ${reason}`);
}
