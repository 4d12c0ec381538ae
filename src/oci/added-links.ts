import { type ByteString, fromText, toText } from '../formats/bytes/index.ts';
import { lookup, lookupDirectory, type Tree, withNode } from '../formats/tree/index.ts';

/** Label of an exported image: the paths of links that are in it for others, and that an import leaves out. */
export const ADDED_LINKS = 'org.aptlayer.links';

const MODULES = fromText('/usr/lib/modules');
/** What Debian calls an initramfs, and what bootc looks for. */
const OWN = fromText('initrd.img');
const OTHERS = fromText('initramfs.img');
const PATH = /^\/usr\/lib\/modules\/[^/]+\/initramfs\.img$/;

/** The tree with a link to each initramfs by the name that bootc gives it, where nothing has that name, and the paths of these links. */
export function withAddedLinks(tree: Tree): { readonly tree: Tree; readonly paths: readonly string[] } {
  let result = tree;
  const paths: string[] = [];
  for (const [version, node] of lookupDirectory(tree, MODULES)?.entries ?? []) {
    const image = node.kind === 'directory' ? node.entries.get(OWN) : undefined;
    // The label has paths with spaces between.
    if (node.kind !== 'directory' || image?.kind !== 'file' || !/^[\x21-\x7e]+$/.test(version)) continue;
    if (node.entries.has(OTHERS)) continue;
    const path = `${MODULES}/${version}/${OTHERS}` as ByteString;
    const { uid, gid, mtime, mtimeNsec } = image;
    const metadata = { mode: 0o777, uid, gid, mtime, mtimeNsec, xattrs: undefined };
    result = withNode(result, path, { ...metadata, kind: 'symlink', target: OWN, nlink: 1 });
    paths.push(toText(path));
  }
  return { tree: result, paths: paths.sort() };
}

/** The tree without the links that a label names, where they are such links. */
export function withoutAddedLinks(tree: Tree, labels: Readonly<Record<string, string>>): Tree {
  let result = tree;
  for (const text of (labels[ADDED_LINKS] ?? '').split(' ')) {
    const path = fromText(text);
    const node = PATH.test(text) ? lookup(result, path) : undefined;
    if (node?.kind === 'symlink' && node.target === OWN) result = withNode(result, path, undefined);
  }
  return result;
}
