import fs from 'node:fs';
import { errnoOf } from '../errors/index.ts';
import type { Seconds } from '../formats/tree/index.ts';
import { errnoError } from './errno.ts';
import { isNativeLoaded, native } from './native.ts';
import type { Stat, SysPath } from './sys.ts';

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const NANOSECONDS = 1_000_000_000n;
const ENOENT = 2;
const ENOTDIR = 20;

const EMPTY_PATH = Buffer.alloc(1);
const out = Buffer.alloc(256);

/** A path as a NUL-terminated C string. A NUL inside would silently name another file. */
export function cString(path: SysPath): Buffer {
  const length = typeof path === 'string' ? Buffer.byteLength(path) : path.length;
  const result = Buffer.allocUnsafe(length + 1);
  if (typeof path === 'string') result.write(path, 0, 'utf8');
  else path.copy(result);
  result[length] = 0;
  if (result.indexOf(0) !== length)
    throw new Error(`a path with a NUL byte: ${JSON.stringify(path.toString('latin1'))}`);
  return result;
}

export function lstat(path: SysPath): Stat {
  return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
}

export function lstatIfExists(path: SysPath): Stat | undefined {
  if (!isNativeLoaded()) {
    const found = nodeLstat(path);
    return found === undefined ? undefined : fromNode(found);
  }
  const lib = native();
  if (lib.statx(AT_FDCWD, cString(path), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, out) === 0) return decode();
  const errno = lib.errno();
  if (errno === ENOENT || errno === ENOTDIR) return undefined;
  throw errnoError(errno, 'statx', path);
}

export function fstat(fd: number): Stat {
  if (!isNativeLoaded()) return fromNode(fs.fstatSync(fd, { bigint: true }));
  const lib = native();
  if (lib.statx(fd, EMPTY_PATH, AT_EMPTY_PATH, STATX_BASIC_STATS, out) !== 0)
    throw errnoError(lib.errno(), 'statx', undefined);
  return decode();
}

/** ENOTDIR is absence as well, and node only takes ENOENT for it. */
function nodeLstat(path: SysPath): fs.BigIntStats | undefined {
  try {
    return fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** What `decode` gives, from node's form; slower for many files, but without the addon. */
export function fromNode(stat: fs.BigIntStats): Stat {
  const seconds =
    stat.mtimeNs / NANOSECONDS - (stat.mtimeNs < 0n && stat.mtimeNs % NANOSECONDS !== 0n ? 1n : 0n);
  const [devMajor, devMinor] = deviceParts(stat.dev);
  return {
    nlink: Number(stat.nlink),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mode: Number(stat.mode),
    ino: Number(stat.ino),
    size: Number(stat.size),
    blocks: Number(stat.blocks),
    mtime: Number.isSafeInteger(Number(seconds)) ? Number(seconds) : seconds,
    mtimeNsec: Number(stat.mtimeNs - seconds * NANOSECONDS),
    rdev: deviceNumber(...deviceParts(stat.rdev)),
    dev: devMajor * 0x100000 + devMinor,
  };
}

/** glibc's 64-bit dev_t as major and minor number. */
function deviceParts(device: bigint): [number, number] {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  return [Number(major), Number(BigInt.asUintN(32, minor))];
}

function statx(dirfd: number, path: SysPath, flags: number): Stat {
  const lib = native();
  if (lib.statx(dirfd, cString(path), flags, STATX_BASIC_STATS, out) !== 0)
    throw errnoError(lib.errno(), 'statx', path);
  return decode();
}

/** struct statx of <linux/stat.h>. */
function decode(): Stat {
  const rdevMajor = out.readUInt32LE(128);
  const rdevMinor = out.readUInt32LE(132);
  return {
    nlink: out.readUInt32LE(16),
    uid: out.readUInt32LE(20),
    gid: out.readUInt32LE(24),
    mode: out.readUInt16LE(28),
    ino: readU64(32),
    size: readU64(40),
    blocks: readU64(48),
    mtime: readSeconds(112),
    mtimeNsec: out.readUInt32LE(120),
    rdev: deviceNumber(rdevMajor, rdevMinor),
    dev: out.readUInt32LE(136) * 0x100000 + out.readUInt32LE(140),
  };
}

function readU64(offset: number): number {
  return out.readUInt32LE(offset) + out.readUInt32LE(offset + 4) * 0x1_0000_0000;
}

function readSeconds(offset: number): Seconds {
  const value = out.readInt32LE(offset + 4) * 0x1_0000_0000 + out.readUInt32LE(offset);
  return Number.isSafeInteger(value) ? value : out.readBigInt64LE(offset);
}

/** Linux st_rdev in its 32-bit form, which images and dumps use. */
function deviceNumber(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
