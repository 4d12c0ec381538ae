import type { ByteString } from '../bytes/index.ts';

export type TarType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';

/** What one archive member says about a file: what the writer takes, and most of what the parser gives. */
export interface TarHeader {
  /**
   * Components joined by `/`: no leading `/` or `./`, no empty or `.` component, no slash at the end; `''` is the root.
   * `..` components stay, so that `containedPath` can refuse them.
   */
  readonly path: ByteString;
  readonly type: TarType;
  /** Byte for byte as in the archive: a symlink's target, or the name of the file a hardlink joins; else `''`. */
  readonly linkTarget: ByteString;
  /** Permission bits, 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Names of owner and group, `''` when not stored. dpkg lets them win over the numbers. */
  readonly uname: ByteString;
  readonly gname: ByteString;
  /** Bytes of the body; 0 for everything but a file. */
  readonly size: number;
  /** Seconds since the epoch, maybe negative, rounded down; `mtimeNsec` (0..999999999) is added. */
  readonly mtime: number;
  readonly mtimeNsec: number;
  /** Linux st_rdev of a device in 32 bits, else 0. */
  readonly rdev: number;
  /** Names in full (`security.capability`), values byte for byte; undefined when there are none. */
  readonly xattrs: ReadonlyMap<ByteString, ByteString> | undefined;
}

export interface TarEntry extends TarHeader {
  /** The name as the archive has it. */
  readonly rawPath: ByteString;
  /** Where the entry's own header block starts; its body starts 512 bytes later. */
  readonly offset: number;
}

/** Headers and bodies are padded to this. */
export const BLOCK_BYTES = 512;
/** Longest name and link target, as PATH_MAX. */
export const NAME_BYTES_MAX = 4096;
/** The kernel's limits: longer ones cannot exist on a file. */
export const XATTR_NAME_BYTES_MAX = 255;
export const XATTR_VALUE_BYTES_MAX = 65536;
/** 2^32-1 means "no change" to chown. */
export const ID_MAX = 0xfffffffe;
export const MAJOR_MAX = 0xfff;
export const MINOR_MAX = 0xfffff;
