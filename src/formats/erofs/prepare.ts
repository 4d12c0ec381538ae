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
import { type Inode, inodePath, type Listing, makeInode } from './inode.ts';
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

/** One name of a leaf: the directory's inode and the index in its listing. */
interface Slot {
  readonly parent: Inode;
  readonly index: number;
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
  const root = directoryInode(state, tree, undefined);
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
    const child = childInode(state, inode.node as Directory, { parent: inode, index });
    inodes.push(child);
    if (child.listing !== undefined && child.parent === inode && child.index === index) {
      inode.listing!.subdirectories += 1;
      stack.push(child);
    }
  }
}

function childInode(state: Preparation, directory: Directory, slot: Slot): Inode {
  const { parent, index } = slot;
  const name = parent.listing!.names[index]!;
  if (name === DOT) return parent;
  if (name === DOTDOT) return parent.parent ?? parent;
  const node = directory.entries.get(name);
  if (node === undefined) return leafInode(state, state.hidden, slot);
  if (name.length === 0 || name.length > NAME_MAX)
    refuse(parent, `a name of ${name.length} bytes in it, not 1..${NAME_MAX}`);
  if (node.kind === 'directory') return directoryInode(state, node, slot);
  const known = state.inodes.get(node);
  if (known === undefined) {
    const inode = leafInode(state, node, slot);
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

function directoryInode(state: Preparation, node: Directory, slot: Slot | undefined): Inode {
  const listing: Listing = { names: listedNames(node, slot), inodes: [], ends: [], subdirectories: 0 };
  const inode = makeInode({
    node,
    isEscapedWhiteout: false,
    backing: undefined,
    listing,
    ...(slot ?? ROOT_SLOT),
  });
  setXattrs(state, inode);
  return inode;
}

const ROOT_SLOT = { parent: undefined, index: 0 };

function listedNames(directory: Directory, slot: Slot | undefined): ByteString[] {
  const names = sortedNames(directory);
  if (directory.entries.has(DOT) || directory.entries.has(DOTDOT)) {
    throw new FormatError('composefs image', 'a directory with an entry named . or ..');
  }
  if (slot === undefined) return insertNames(names, [DOT, DOTDOT, ...hiddenNames(directory)]);
  if (names.length > 0 && names[0]! < DOTDOT) return insertNames(names, [DOT, DOTDOT]);
  names.unshift(DOT, DOTDOT);
  return names;
}

function leafInode(state: Preparation, node: Leaf, { parent, index }: Slot): Inode {
  const isEscapedWhiteout = node !== state.hidden && isWhiteout(node);
  const external = node.kind === 'file' && node.content.kind !== 'inline';
  const backing = external ? backingOf(state, node, parent) : undefined;
  const inode = makeInode({ node, isEscapedWhiteout, backing, parent, index, listing: undefined });
  const problem = leafProblem(node);
  if (problem !== undefined) refuse(inode, problem);
  setXattrs(state, inode);
  if (isEscapedWhiteout) state.whiteouts.push(inode);
  return inode;
}

function backingOf({ pool, algorithm }: Preparation, { content }: RegularFile, parent: Inode): Backing {
  if (content.kind === 'inline') throw new Error('inline content has no backing file');
  if (
    algorithm !== undefined &&
    content.digest !== undefined &&
    digestAlgorithm(content.digest) !== algorithm
  ) {
    refuse(parent, `a file in it has a digest that is not ${algorithm}`);
  }
  return useBacking(pool, content);
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
