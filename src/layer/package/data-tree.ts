import { FormatError } from '../../errors/index.ts';
import { type ByteString, joinPath, toText } from '../../formats/bytes/index.ts';
import type { TarEntry, TarHandler } from '../../formats/tar/index.ts';
import type { Directory } from '../../formats/tree/index.ts';
import { type ContentSink, tarTreeReader } from '../../store/index.ts';
import type { PackageEntry } from './model.ts';

/** What the data archive of a package holds. */
export interface DataTree {
  readonly root: Directory;
  /** In dpkg's order: symbolic links last, as it makes them when all else is there. */
  readonly entries: readonly PackageEntry[];
}

/**
 * Builds the tree of a data archive as dpkg unpacks it: permission bits, numeric owners and whole seconds as stored,
 * extended attributes ignored, the last entry of a path wins, a leading `/` dropped. Parents that the archive leaves out are made.
 * FormatError for what no package may have: paths and hard links that lead outside, entries below a link or a file
 * of the archive itself, device nodes (Debian Policy 10.6).
 */
export function dataReader(sink: ContentSink): { handler: TarHandler; tree: DataTree } {
  const entries: PackageEntry[] = [];
  const links: PackageEntry[] = [];
  const { handler, root } = tarTreeReader(sink, {
    metadata: ({ mode, uid, gid, mtime }) => ({ mode, uid, gid, mtime, mtimeNsec: 0, xattrs: undefined }),
    devices: 'refuse',
    absolute: 'strip',
    hint: 'do not use this package',
    onEntry(entry, path) {
      // As dpkg: its lists of files have a path on each line.
      if (entry.rawPath.includes('\n')) throw lineFeed(entry);
      if (path.length - path.lastIndexOf('/') - 1 > NAME_BYTES_MAX) throw tooLong(entry);
      (entry.type === 'symlink' ? links : entries).push(recordOf(entry, path));
    },
  });
  return {
    handler,
    tree: {
      root,
      get entries() {
        return [...entries, ...links];
      },
    },
  };
}

/** dpkg puts a file into its place by way of `NAME.dpkg-new` and `NAME.dpkg-tmp`, so its names are shorter than those of file systems. */
const NAME_BYTES_MAX = 255 - '.dpkg-tmp'.length;

function tooLong({ rawPath, offset }: TarEntry): FormatError {
  const reason = `${toText(rawPath)}: file name too long: dpkg takes names of at most ${NAME_BYTES_MAX} bytes`;
  return new FormatError(
    'tar',
    reason,
    { offset },
    { hint: 'ask its maker for a package with a shorter name' },
  );
}

function lineFeed({ rawPath, offset }: TarEntry): FormatError {
  const hint = 'dpkg refuses it, too: do not use this package, and tell whoever made it';
  return new FormatError('tar', `the name ${toText(rawPath)} has a line feed`, { offset }, { hint });
}

function recordOf({ uname, gname }: TarEntry, path: ByteString): PackageEntry {
  const isOther = (name: ByteString) => name !== '' && name !== 'root';
  return {
    path: path === '' ? path : joinPath('' as ByteString, path),
    ...(isOther(uname) && { user: uname }),
    ...(isOther(gname) && { group: gname }),
  };
}
