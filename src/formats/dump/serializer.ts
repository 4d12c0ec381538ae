import { type ByteString, fromBuffer, fromText } from '../bytes/index.ts';
import {
  countSubdirectories,
  type Directory,
  hiddenNames,
  insertNames,
  type Leaf,
  type Metadata,
  type Node,
  packDirectory,
  packedBytes,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFREG,
  S_IFSOCK,
  sortedNames,
  type Tree,
  walk,
} from '../tree/index.ts';
import { objectPath } from '../verity/index.ts';
import { escapeBytes, escapeOptional, escapeXattr } from './escapes.ts';

const TYPE_BITS: Record<Node['kind'], number> = {
  directory: S_IFDIR,
  file: S_IFREG,
  symlink: S_IFLNK,
  character: S_IFCHR,
  block: S_IFBLK,
  fifo: S_IFIFO,
  socket: S_IFSOCK,
};

const DOTS = [fromText('.'), fromText('..')];
const NONE = '- - -';

/**
 * The tree as `composefs-info dump` prints an image of it: depth first in name order, a later name of a leaf as a
 * hardlink to the first. Directory sizes are those of a V0 or V1 image. Xattrs come in the order of their map: for a
 * tree read from an image that is the order of the image (own ones, then shared ones), which is also what
 * composefs-info shows.
 */
export function serializeDump(tree: Tree): Buffer {
  const lines: string[] = [];
  const firstPaths = new Map<Leaf, ByteString>();
  for (const { path, node } of walk(tree)) {
    if (node.kind === 'directory') {
      lines.push(directoryLine(path, node, node === tree));
      continue;
    }
    const first = firstPaths.get(node);
    if (first === undefined) firstPaths.set(node, path);
    lines.push(leafLine(path, node, first));
  }
  return Buffer.from(lines.join(''), 'latin1');
}

function directoryLine(path: ByteString, directory: Directory, isRoot: boolean): string {
  const extra = isRoot ? [...DOTS, ...hiddenNames(directory)] : DOTS;
  const size = packedBytes(packDirectory(insertNames(sortedNames(directory), extra)));
  const nlink = countSubdirectories(directory) + 2;
  const fields = { size, mode: modeText(directory, ''), nlink, rdev: 0, values: NONE };
  return lineText(isRoot ? ('/' as ByteString) : path, directory, fields);
}

function leafLine(path: ByteString, leaf: Leaf, linkTo: ByteString | undefined): string {
  const { size, payload, content, digest } = leafFields(leaf);
  const shown = linkTo === undefined ? payload : escapeBytes(linkTo);
  return lineText(path, leaf, {
    size,
    mode: modeText(leaf, linkTo === undefined ? '' : '@'),
    nlink: leaf.nlink,
    rdev: 'rdev' in leaf ? leaf.rdev : 0,
    values: `${shown} ${content} ${digest}`,
  });
}

function leafFields(leaf: Leaf): { size: number; payload: string; content: string; digest: string } {
  const none = { payload: '-', content: '-', digest: '-' };
  switch (leaf.kind) {
    case 'symlink':
      return { ...none, size: leaf.target.length, payload: escapeOptional(leaf.target) };
    case 'file': {
      const { size, content } = leaf;
      if (content.kind === 'inline') {
        return { ...none, size, content: escapeOptional(fromBuffer(content.bytes)) };
      }
      if (content.kind === 'object') {
        return { ...none, size, payload: objectPath(content.digest), digest: content.digest };
      }
      return { ...none, size, payload: escapeOptional(content.path), digest: content.digest ?? '-' };
    }
    default:
      return { ...none, size: leaf.size ?? 0 };
  }
}

interface LineFields {
  readonly size: number;
  readonly mode: string;
  readonly nlink: number;
  readonly rdev: number;
  readonly values: string;
}

function lineText(path: ByteString, node: Metadata, { size, mode, nlink, rdev, values }: LineFields): string {
  const { uid, gid, mtime, mtimeNsec, xattrs } = node;
  const fixed = `${escapeBytes(path)} ${size} ${mode} ${nlink} ${uid} ${gid} ${rdev} ${mtime}.${mtimeNsec} ${values}`;
  if (xattrs === undefined) return `${fixed}\n`;
  let line = fixed;
  for (const [key, value] of xattrs) line += ` ${escapeXattr(key)}=${escapeXattr(value)}`;
  return `${line}\n`;
}

function modeText(node: Node, prefix: string): string {
  return prefix + (TYPE_BITS[node.kind] | node.mode).toString(8);
}
