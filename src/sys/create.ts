import fs from 'node:fs';
import type { ByteString } from '../formats/bytes/index.ts';
import { nextData } from './data-range.ts';
import { EAGAIN, errnoError } from './errno.ts';
import { type Fault, faultHook, type Mutating } from './fault.ts';
import { makeRemovable } from './inode-flags.ts';
import { leaveSessionKeyring } from './keyring.ts';
import { native } from './native.ts';
import { cString, fstat, lstat, lstatIfExists } from './stat.ts';
import type { Sys, SysPath, Times } from './sys.ts';
import { enableVerity, measureVerity } from './verity.ts';
import { readXattrs, removeXattr, setXattr } from './xattr.ts';

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } =
  fs.constants;
/** __O_TMPFILE | O_DIRECTORY */
const O_TMPFILE = 0o20000000 | O_DIRECTORY;
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_SYMLINK_FOLLOW = 0x400;
const RENAME_NOREPLACE = 1;
const RENAME_EXCHANGE = 2;
const LOCK_EX = 2;
const LOCK_NB = 4;
const FICLONE = 0x40049409;

type Reading = Pick<
  Sys,
  | 'lstat'
  | 'lstatIfExists'
  | 'fstat'
  | 'readdir'
  | 'readlink'
  | 'readFile'
  | 'read'
  | 'nextData'
  | 'xattrs'
  | 'space'
  | 'measureVerity'
>;
type Opening = Pick<
  Sys,
  | 'openRead'
  | 'openFollowing'
  | 'openDirectory'
  | 'create'
  | 'openAppend'
  | 'openTemporary'
  | 'close'
  | 'tryLock'
>;
type Data = Pick<Sys, 'write' | 'writeAt' | 'truncate' | 'clone' | 'fsync' | 'syncfs' | 'enableVerity'>;
type Names = Pick<
  Sys,
  | 'mkdir'
  | 'rmdir'
  | 'unlink'
  | 'makeRemovable'
  | 'rename'
  | 'renameNoReplace'
  | 'exchange'
  | 'link'
  | 'linkTemporary'
  | 'symlink'
  | 'mknod'
>;
type Attributes = Pick<Sys, 'chmod' | 'fchmod' | 'lchown' | 'setTimes' | 'setXattr' | 'removeXattr'>;

/** The system calls of this thread. `fault`, when given, strikes at its N-th mutating call. */
export function createSys(fault?: Fault): Sys {
  const mutating = faultHook(fault);
  return {
    ...reading(),
    ...opening(mutating),
    ...data(mutating),
    ...names(mutating),
    ...attributes(mutating),
    leaveSessionKeyring,
  };
}

function reading(): Reading {
  return {
    lstat,
    lstatIfExists,
    fstat,
    readdir: path => fs.readdirSync(path, 'latin1') as ByteString[],
    readlink: path => fs.readlinkSync(path, 'latin1') as ByteString,
    readFile,
    read: (fd, buffer, position) => fs.readSync(fd, buffer, 0, buffer.length, position),
    nextData,
    xattrs: readXattrs,
    space(path) {
      const found = fs.statfsSync(path);
      return { totalBytes: found.blocks * found.bsize, availableBytes: found.bavail * found.bsize };
    },
    measureVerity,
  };
}

function readFile(path: SysPath): Buffer {
  // Opening a FIFO would wait for a writer otherwise.
  const fd = fs.openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function opening(mutating: Mutating): Opening {
  return {
    openFollowing: path => fs.openSync(path, O_RDONLY | O_NONBLOCK),
    openRead: path => fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
    openDirectory: path => fs.openSync(path, O_RDONLY | O_DIRECTORY),
    create(path, mode) {
      mutating('create', path);
      return fs.openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    },
    openAppend(path, mode) {
      mutating('open', path);
      return fs.openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode);
    },
    openTemporary(directory, mode) {
      mutating('open', directory);
      try {
        return fs.openSync(directory, O_RDWR | O_TMPFILE, mode);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EOPNOTSUPP' || code === 'EISDIR' || code === 'ENOTSUP') return undefined;
        throw error;
      }
    },
    close: fd => fs.closeSync(fd),
    tryLock(fd) {
      const lib = native();
      if (lib.flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
      if (lib.errno() === EAGAIN) return false;
      throw errnoError(lib.errno(), 'flock', undefined);
    },
  };
}

function data(mutating: Mutating): Data {
  return {
    write(fd, bytes) {
      mutating('write', undefined);
      for (let written = 0; written < bytes.length; ) written += fs.writeSync(fd, bytes, written);
    },
    writeAt(fd, bytes, position) {
      mutating('write', undefined);
      for (let written = 0; written < bytes.length; )
        written += fs.writeSync(fd, bytes, written, bytes.length - written, position + written);
    },
    truncate(fd, size) {
      mutating('ftruncate', undefined);
      fs.ftruncateSync(fd, size);
    },
    clone(target, source) {
      mutating('clone', undefined);
      return native().ioctlInt(target, FICLONE, source) === 0;
    },
    fsync(fd) {
      mutating('fsync', undefined);
      fs.fsyncSync(fd);
    },
    syncfs(fd) {
      mutating('syncfs', undefined);
      const lib = native();
      if (lib.syncfs(fd) !== 0) throw errnoError(lib.errno(), 'syncfs', undefined);
    },
    enableVerity(fd, algorithm) {
      mutating('FS_IOC_ENABLE_VERITY', undefined);
      return enableVerity(fd, algorithm);
    },
  };
}

function names(mutating: Mutating): Names {
  const renameat2 = (from: SysPath, to: SysPath, flags: number) => {
    mutating('renameat2', to);
    const lib = native();
    if (lib.renameat2(AT_FDCWD, cString(from), AT_FDCWD, cString(to), flags) !== 0)
      throw errnoError(lib.errno(), 'renameat2', to);
  };
  const counted =
    <A extends SysPath[]>(syscall: string, call: (...args: A) => void) =>
    (...args: A) => {
      mutating(syscall, args[args.length - 1]);
      call(...args);
    };
  return {
    mkdir(path, mode) {
      mutating('mkdir', path);
      fs.mkdirSync(path, { mode });
    },
    rmdir: counted('rmdir', fs.rmdirSync as (path: SysPath) => void),
    unlink: counted('unlink', fs.unlinkSync as (path: SysPath) => void),
    makeRemovable(path) {
      mutating('ioctl', path);
      return makeRemovable(path);
    },
    rename: counted('rename', fs.renameSync as (from: SysPath, to: SysPath) => void),
    renameNoReplace: (from, to) => renameat2(from, to, RENAME_NOREPLACE),
    exchange: (a, b) => renameat2(a, b, RENAME_EXCHANGE),
    link: counted('link', fs.linkSync as (existing: SysPath, path: SysPath) => void),
    linkTemporary(fd, path) {
      mutating('linkat', path);
      const lib = native();
      const source = cString(`/proc/self/fd/${fd}`);
      if (lib.linkat(AT_FDCWD, source, AT_FDCWD, cString(path), AT_SYMLINK_FOLLOW) !== 0)
        throw errnoError(lib.errno(), 'linkat', path);
    },
    symlink: counted('symlink', (target: SysPath, path: SysPath) => fs.symlinkSync(target, path)),
    mknod(path, mode, rdev) {
      mutating('mknod', path);
      const lib = native();
      // glibc's dev_t and the 32-bit form agree for the numbers that fit it.
      if (lib.mknod(cString(path), mode, rdev) !== 0) throw errnoError(lib.errno(), 'mknod', path);
    },
  };
}

function attributes(mutating: Mutating): Attributes {
  return {
    chmod(path, mode) {
      mutating('chmod', path);
      fs.chmodSync(path, mode);
    },
    fchmod(fd, mode) {
      mutating('fchmod', undefined);
      fs.fchmodSync(fd, mode);
    },
    lchown(path, uid, gid) {
      mutating('lchown', path);
      fs.lchownSync(path, uid, gid);
    },
    setTimes(path, times) {
      mutating('utimensat', path);
      const lib = native();
      if (lib.utimensat(AT_FDCWD, cString(path), timespecs(times), AT_SYMLINK_NOFOLLOW) !== 0)
        throw errnoError(lib.errno(), 'utimensat', path);
    },
    setXattr(path, name, value) {
      mutating('lsetxattr', path);
      setXattr(path, name, value);
    },
    removeXattr(path, name) {
      mutating('lremovexattr', path);
      removeXattr(path, name);
    },
  };
}

/** struct timespec[2]: access and modification time. */
function timespecs(times: Times): Buffer {
  const buffer = Buffer.allocUnsafe(32);
  for (const offset of [0, 16]) {
    buffer.writeBigInt64LE(BigInt(times.mtime), offset);
    buffer.writeBigInt64LE(BigInt(times.mtimeNsec), offset + 8);
  }
  return buffer;
}
