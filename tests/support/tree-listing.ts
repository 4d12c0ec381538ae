import type { ByteString } from '../../src/formats/bytes/index.ts';
import { fromText, joinPath, toPath, toText } from '../../src/formats/bytes/index.ts';
import { S_IFDIR, S_IFMT } from '../../src/formats/tree/index.ts';
import { createSys, type Stat } from '../../src/sys/index.ts';

export interface TreeEntry {
  readonly stat: Stat;
  /** The real path, for reading content and xattrs. */
  readonly file: string | Buffer;
}

/** Everything below a directory and the directory itself, by path from it (the root is `/`). */
export type TreeListing = Map<ByteString, TreeEntry>;

const sys = createSys();
const SLASH = fromText('/');

/** Lists a tree without following symlinks and without entering other file systems; ignored paths are left out. */
export function scanTree(root: string, ignore: readonly RegExp[] = []): TreeListing {
  const listing: TreeListing = new Map();
  const top = fromText(root);
  const device = sys.lstat(root).dev;
  const visit = (relative: ByteString) => {
    const name = relative === SLASH ? fromText('') : relative;
    const file = toPath(`${top}${name}` as ByteString);
    const stat = sys.lstat(file);
    listing.set(relative, { stat, file });
    if ((stat.mode & S_IFMT) !== S_IFDIR || stat.dev !== device) return;
    for (const child of sys.readdir(file)) {
      const below = joinPath(name, child);
      const shown = toText(below);
      if (!ignore.some(pattern => pattern.test(shown))) visit(below);
    }
  };
  visit(SLASH);
  return listing;
}

/** For each path with another name in the tree: all names of its inode, sorted. */
export function linkGroups(listing: TreeListing): Map<ByteString, string> {
  const names = new Map<string, ByteString[]>();
  for (const [path, { stat }] of listing) {
    if (stat.nlink < 2 || (stat.mode & S_IFMT) === S_IFDIR) continue;
    const key = `${stat.dev}:${stat.ino}`;
    const group = names.get(key);
    if (group === undefined) names.set(key, [path]);
    else group.push(path);
  }
  const groups = new Map<ByteString, string>();
  for (const group of names.values()) {
    if (group.length < 2) continue;
    const text = group.map(toText).sort().join(' ');
    for (const path of group) groups.set(path, text);
  }
  return groups;
}
