import type { ByteString } from '../formats/bytes/index.ts';
import type { Seconds, Xattrs } from '../formats/tree/index.ts';

/** A path as the kernel takes it: text of ours, or raw bytes of image content (no NUL). */
export type SysPath = string | Buffer;

/** One inode, symlinks not followed. */
export interface Stat {
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly nlink: number;
  readonly mtime: Seconds;
  readonly mtimeNsec: number;
  readonly rdev: number;
  readonly ino: number;
  /** st_dev as one number; only for comparing. */
  readonly dev: number;
  /** Allocated space in units of 512 bytes. */
  readonly blocks: number;
}

/** What `setTimes` sets; the access time is set to the same. */
export interface Times {
  readonly mtime: Seconds;
  readonly mtimeNsec: number;
}

/**
 * The system calls the program makes. All are synchronous: they cost about as much as `lstat`, and the few that
 * can block for long say so. Errors look like those of node:fs (`code` is the errno name).
 * Everything that changes a file system goes through here, so that a test can make the N-th change fail.
 */
export interface Sys {
  // Reading.
  lstat(path: SysPath): Stat;
  /** Undefined when nothing is there. */
  lstatIfExists(path: SysPath): Stat | undefined;
  fstat(fd: number): Stat;
  readdir(path: SysPath): ByteString[];
  readlink(path: SysPath): ByteString;
  readFile(path: SysPath): Buffer;
  /** Reads at most `buffer.length` bytes from `position` (or from where the descriptor stands: null). */
  read(fd: number, buffer: Buffer, position: number | null): number;
  /** The first bytes at or after `from` that are not a hole; undefined when none follow. Moves the descriptor's offset. */
  nextData(fd: number, from: number): { readonly start: number; readonly end: number } | undefined;
  xattrs(path: SysPath): Xattrs | undefined;
  /** Total and available bytes of the file system that holds `path`. */
  space(path: SysPath): { readonly totalBytes: number; readonly availableBytes: number };
  /** The fs-verity digest the kernel has for an open file, lower-case hex, or undefined when verity is off or unknown. */
  measureVerity(fd: number): string | undefined;

  // Opening. Opening for reading changes nothing; the others count as changes.
  /** A final symlink is refused (ELOOP); a fifo does not block. */
  openRead(path: SysPath): number;
  /** For paths the user names: a final symlink is followed, and a fifo does not block. */
  openFollowing(path: SysPath): number;
  openDirectory(path: SysPath): number;
  create(path: SysPath, mode: number): number;
  openAppend(path: SysPath, mode: number): number;
  /** An unnamed file in `directory`; undefined where the file system cannot (O_TMPFILE). */
  openTemporary(directory: SysPath, mode: number): number | undefined;
  close(fd: number): void;

  // Changing.
  write(fd: number, data: Buffer): void;
  /** At `position`; the descriptor stays where it stands. */
  writeAt(fd: number, data: Buffer, position: number): void;
  truncate(fd: number, sizeBytes: number): void;
  /** Shares the extents of `source` with `target` (reflink); false where the file system cannot. */
  clone(target: number, source: number): boolean;
  fsync(fd: number): void;
  /** Writes out everything of the file system that holds `fd`; may take long. */
  syncfs(fd: number): void;
  /** Turns fs-verity on for a file that nobody has open for writing; false where the file system cannot. */
  enableVerity(fd: number, algorithm: 'sha256' | 'sha512'): boolean;
  mkdir(path: SysPath, mode: number): void;
  rmdir(path: SysPath): void;
  unlink(path: SysPath): void;
  /** Takes the flags immutable and append-only (chattr(1)) from a file or directory; false when it has none of them. */
  makeRemovable(path: SysPath): boolean;
  rename(from: SysPath, to: SysPath): void;
  /** Fails with EEXIST when `to` exists. */
  renameNoReplace(from: SysPath, to: SysPath): void;
  /** Swaps two names in one step. */
  exchange(a: SysPath, b: SysPath): void;
  link(existing: SysPath, path: SysPath): void;
  /** Gives a file opened by `openTemporary` a name; EEXIST when it is taken. */
  linkTemporary(fd: number, path: SysPath): void;
  symlink(target: SysPath, path: SysPath): void;
  mknod(path: SysPath, mode: number, rdev: number): void;
  chmod(path: SysPath, mode: number): void;
  fchmod(fd: number, mode: number): void;
  lchown(path: SysPath, uid: number, gid: number): void;
  setTimes(path: SysPath, times: Times): void;
  setXattr(path: SysPath, name: ByteString, value: ByteString): void;
  removeXattr(path: SysPath, name: ByteString): void;

  /** Takes an exclusive flock; false when another process holds it. The kernel drops it when the descriptor closes. */
  tryLock(fd: number): boolean;

  /** Gives this thread, and what it starts from now on, an empty session keyring: keys of who started us stay with them. */
  leaveSessionKeyring(): void;
}
