import { type ByteString, joinPath } from '../../../formats/bytes/index.ts';
import { type Directory, lookup, type Node, type Tree, walk } from '../../../formats/tree/index.ts';
import { targetOf, withLinksMoved } from './links.ts';
import { at, combined, linkFor, withPath } from './move.ts';
import { LINKS_FILE, OPT, OWNED, type Owned } from './table.ts';

/** Whether a package ships a path, as a plain Debian root has it. */
export type IsShipped = (path: ByteString) => boolean;

/**
 * Moves the image's own files out of the directories of the machine, and leaves a link for each. Expects these directories in their
 * place in /var.
 */
export function relocateOwned(tree: Tree, isShipped: IsShipped): Tree {
  let result = tree;
  for (const owned of OWNED) {
    const there = at(result, owned.to);
    if (there?.kind !== 'directory') continue;
    const split: Split = { tree: result, owned, isShipped };
    const { data, content } = separated(split, { path: '' as ByteString, directory: there });
    if (content === undefined) continue;
    const moved = movedThrough(content, [owned.to, owned.from, owned.content]);
    result = withPath(result, owned.content, combined(at(result, owned.content), moved, owned.content));
    result = withPath(result, owned.to, data);
  }
  return result;
}

/** The place where Debian has it is on the way, so that links get the targets that a move from there gives. */
function movedThrough(directory: Directory, [from, by, to]: readonly [string, string, string]): Directory {
  return withLinksMoved(withLinksMoved(directory, { from, to: by }), { from: by, to });
}

interface Split {
  readonly tree: Tree;
  readonly owned: Owned;
  readonly isShipped: IsShipped;
}

interface Place {
  /** Below the directory of the machine. */
  readonly path: ByteString;
  readonly directory: Directory;
}

/** What stays in a directory of the machine, and what is the image's; undefined for nothing. */
function separated(split: Split, { path, directory }: Place): { data: Directory; content?: Directory } {
  const data: Directory = { ...directory, entries: new Map() };
  const content: Directory = { ...directory, entries: new Map() };
  for (const [name, node] of directory.entries) {
    const child = joinPath(path, name);
    if (node.kind === 'directory') {
      const below = separated(split, { path: child, directory: node });
      data.entries.set(name, below.data);
      if (below.content !== undefined) content.entries.set(name, below.content);
    } else if (isOwned(split, child, node)) {
      data.entries.set(name, linkFor(node, linkTarget(split.owned, child)));
      content.entries.set(name, node);
    } else data.entries.set(name, node);
  }
  return content.entries.size === 0 ? { data } : { data, content };
}

function linkTarget({ to, content }: Pick<Owned, 'to' | 'content'>, path: string): string {
  return targetOf({ from: `${to}${path}`, to: `${content}${path}` });
}

function isOwned({ tree, owned, isShipped }: Split, path: ByteString, node: Node): boolean {
  if (node.kind !== 'file' && node.kind !== 'symlink') return false;
  if (
    node.kind === 'symlink' &&
    (node.target === linkTarget(owned, path) || leadsToDirectory(tree, owned, { path, target: node.target }))
  )
    return false;
  return owned.which === 'all' || isShipped(`${owned.from}${path}` as ByteString);
}

/** Whether a link leads to a directory beside it, which is the machine's: /usr/local/man does. */
function leadsToDirectory(tree: Tree, { from, to }: Owned, link: { path: string; target: string }): boolean {
  const text = link.target.startsWith(`${from}/`) ? `${to}${link.target.slice(from.length)}` : link.target;
  const absolute = text.startsWith('/') ? text : `${to}${link.path}/../${text}`;
  const names: string[] = [];
  for (const name of absolute.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  const path = `/${names.join('/')}`;
  return path.startsWith(`${to}/`) && lookup(tree, path as ByteString)?.kind === 'directory';
}

/** The reverse: the files are where packages have them. */
export function restoreOwned(tree: Tree): Tree {
  let result = withPath(tree, LINKS_FILE, undefined);
  for (const owned of OWNED) {
    const content = at(result, owned.content);
    if (content?.kind !== 'directory') continue;
    const back = movedThrough(content, [owned.content, owned.from, owned.to]);
    result = withPath(result, owned.content, undefined);
    result = withPath(result, owned.to, returned(at(result, owned.to), back));
  }
  return result;
}

/** A directory with the image's files in place of the links to them; its own metadata counts. */
function returned(data: Node | undefined, content: Directory): Directory {
  if (data?.kind !== 'directory') return content;
  const result: Directory = { ...data, entries: new Map(data.entries) };
  for (const [name, node] of content.entries)
    result.entries.set(name, node.kind === 'directory' ? returned(data.entries.get(name), node) : node);
  return result;
}

/** A link in /var that leads to a file or directory of the image. */
export interface ContentLink {
  /** From the root. */
  readonly path: ByteString;
  readonly target: ByteString;
}

/** The links of an image that lead to what it has in directories of the machine, /opt among them. */
export function contentLinks(tree: Tree): ContentLink[] {
  return [...OWNED, OPT].flatMap(owned => {
    const there = at(tree, owned.to);
    if (there?.kind !== 'directory') return [];
    return [...walk(there)].flatMap(({ path, node }) =>
      node.kind === 'symlink' && node.target === linkTarget(owned, path)
        ? [{ path: `${owned.to}${path}` as ByteString, target: node.target }]
        : [],
    );
  });
}
