import {
  type Metadata,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
  S_IFMT,
  S_IFSOCK,
  type Special,
  type Xattrs,
} from '../formats/tree/index.ts';
import type { Stat } from '../sys/index.ts';

/** What a tree keeps of an inode besides its content. */
export function metadataOf(stat: Stat, xattrs: Xattrs | undefined): Metadata {
  const { uid, gid, mtime, mtimeNsec } = stat;
  return { mode: stat.mode & 0o7777, uid, gid, mtime, mtimeNsec, xattrs };
}

const KINDS: Readonly<Record<number, Special['kind']>> = {
  [S_IFCHR]: 'character',
  [S_IFBLK]: 'block',
  [S_IFIFO]: 'fifo',
  [S_IFSOCK]: 'socket',
};

/** The kind of an inode that is no directory, regular file or symlink; an unknown file type is a bug of the kernel. */
export function specialKind(stat: Stat): Special['kind'] {
  const kind = KINDS[stat.mode & S_IFMT];
  if (kind === undefined) throw new Error(`unknown file type in mode ${stat.mode.toString(8)}`);
  return kind;
}
