import type { ByteString } from '../../../formats/bytes/index.ts';
import { cloneDirectory, type Directory, type Tree } from '../../../formats/tree/index.ts';
import { targetOf, withLinksMoved } from './links.ts';
import { at, combined, copyAt, emptyDirectory, isRelocated, linkFor, withPath } from './move.ts';
import { OPT } from './table.ts';

/** The way from a name in /var/opt to the image's content. */
const PREFIX = targetOf({ from: `${OPT.to}/*`, to: OPT.content });
const OUT = { from: OPT.from, to: OPT.content };
const BACK = { from: OPT.content, to: OPT.from };

/**
 * What packages ship in /opt stays with the image, in /usr/lib/opt, while /opt itself is the machine's: a link to /var/opt,
 * which has a link for each name. Where a package also has a directory in /var/opt (the file hierarchy standard puts its data
 * there), that directory stays and gets links for the names it lacks.
 */
export function relocateOpt(tree: Tree): Tree {
  const opt = at(tree, OPT.from);
  if (opt !== undefined && opt.kind !== 'directory') return tree;
  const content = opt ?? emptyDirectory(tree);
  const data = copyAt(tree, OPT.to) ?? emptyDirectory(tree);
  addLinks(data, content);
  const shipped = combined(at(tree, OPT.content), withLinksMoved(content, OUT), OPT.content);
  let result = withPath(tree, OPT.content, shipped);
  result = withPath(result, OPT.to, data);
  return withPath(result, OPT.from, linkFor(content, targetOf(OPT)));
}

/** The reverse: /opt is a directory with the image's content. */
export function restoreOpt(tree: Tree): Tree {
  if (!isRelocated(tree, OPT)) return tree;
  const content = copyAt(tree, OPT.content) ?? emptyDirectory(tree);
  let result = withPath(tree, OPT.from, withLinksMoved(content, BACK));
  result = withPath(result, OPT.content, undefined);
  const data = copyAt(result, OPT.to);
  if (data === undefined) return result;
  removeLinks(data, content);
  return withPath(result, OPT.to, data);
}

interface Pair {
  readonly data: Directory;
  readonly content: Directory;
  /** Where `content` is, from `data`. */
  readonly prefix: string;
}

function addLinks(data: Directory, content: Directory): void {
  eachPair(data, content, ({ data: here, content: there, prefix }) => {
    for (const [name, node] of there.entries)
      if (!here.entries.has(name)) here.entries.set(name, linkFor(node, `${prefix}/${name}`));
  });
}

function removeLinks(data: Directory, content: Directory): void {
  eachPair(data, content, ({ data: here, prefix }) => {
    for (const [name, node] of here.entries)
      if (node.kind === 'symlink' && node.target === `${prefix}/${name}`) here.entries.delete(name);
  });
}

/** Visits each directory that both have; those of `data` are copied, so that they can be changed. */
function eachPair(data: Directory, content: Directory, visit: (pair: Pair) => void): void {
  const pending: Pair[] = [{ data, content, prefix: PREFIX }];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    for (const [name, below] of pair.content.entries) {
      const own = copyOf(pair.data, name);
      if (own === undefined || below.kind !== 'directory') continue;
      pair.data.entries.set(name, own);
      pending.push({ data: own, content: below, prefix: `../${pair.prefix}/${name}` });
    }
    visit(pair);
  }
}

function copyOf(directory: Directory, name: ByteString): Directory | undefined {
  const node = directory.entries.get(name);
  return node?.kind === 'directory' ? cloneDirectory(node) : undefined;
}
