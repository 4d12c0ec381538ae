import { type ByteString, fromText, joinPath } from '../formats/bytes/index.ts';
import { type Directory, lookupDirectory, type Node, type Tree } from '../formats/tree/index.ts';
import { IMAGE_STATE } from '../layer/index.ts';

/**
 * Below these, only directories and links are copied: what fills them is made again by whoever needs it, but the
 * directories have owners and modes that daemons rely on.
 */
const WITHOUT_FILES: readonly string[] = ['cache', 'log', 'tmp', 'backups', 'lib/apt'];

/**
 * These describe the image and live in /usr/lib/sysimage. A link to there is copied; a directory (of an image made
 * elsewhere) is not, since it would soon tell lies about a newer image.
 */
const ONLY_AS_LINK: readonly string[] = IMAGE_STATE.flatMap(({ from }) =>
  from.startsWith('/var/') ? [from.slice('/var/'.length)] : [],
);

/** Whether what an image has at a path is copied to machines; what is not below /var is. */
export function reachesMachines(path: ByteString, isLink: boolean): boolean {
  const below = WITHOUT_FILES.some(directory => path.startsWith(`/var/${directory}/`));
  return isLink || !below;
}

/** A part of the image's /var that the shared one lacks; `path` begins with a slash, empty for /var itself. */
export interface MissingPart {
  readonly path: ByteString;
  readonly node: Node;
}

/** The image's /var as it may be copied into a shared one; an empty directory when the image has none. */
export function seedOf(tree: Tree): Directory {
  const found = lookupDirectory(tree, fromText('/var'));
  const { mtime, mtimeNsec } = tree;
  const empty = {
    kind: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime,
    mtimeNsec,
    xattrs: undefined,
  } as const;
  return found === undefined ? { ...empty, entries: new Map() } : filtered(found, '' as ByteString, false);
}

function filtered(directory: Directory, path: ByteString, filesGo: boolean): Directory {
  const entries = new Map<ByteString, Node>();
  for (const [name, node] of directory.entries) {
    const child = (path === '' ? name : joinPath(path, name)) as ByteString;
    if (node.kind === 'directory') {
      if (ONLY_AS_LINK.includes(child)) continue;
      entries.set(name, filtered(node, child, filesGo || WITHOUT_FILES.includes(child)));
    } else if (!filesGo || node.kind === 'symlink') entries.set(name, node);
  }
  return { ...directory, entries };
}

/**
 * The topmost parts of `seed` that are not there yet. `present` tells what is at a path of the shared /var; it is
 * asked only below real directories, so that no link there leads the copying astray.
 */
export function missingParts(
  seed: Directory,
  present: (path: ByteString) => 'directory' | 'other' | 'nothing',
): MissingPart[] {
  const missing: MissingPart[] = [];
  const pending: MissingPart[] = [{ path: '' as ByteString, node: seed }];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    const { path, node } = part;
    const there = present(path);
    if (there === 'nothing') missing.push(part);
    else if (there === 'directory' && node.kind === 'directory')
      for (const [name, child] of node.entries) pending.push({ path: joinPath(path, name), node: child });
  }
  return missing;
}
