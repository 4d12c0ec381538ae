import fs from 'node:fs';
import { ENOTTY, EOPNOTSUPP, errnoError } from './errno.ts';
import { native } from './native.ts';
import type { SysPath } from './sys.ts';

// <linux/fs.h>
const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_IMMUTABLE_FL = 0x10;
const FS_APPEND_FL = 0x20;

/** See `Sys.makeRemovable`. Only regular files and directories have flags that can be reached without following a link. */
export function makeRemovable(path: SysPath): boolean {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const lib = native();
    const flags = Buffer.alloc(8);
    if (lib.ioctl(fd, FS_IOC_GETFLAGS, flags) !== 0) return refused(lib.errno());
    const before = flags.readUInt32LE(0);
    const after = before & ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
    if (after === before) return false;
    flags.writeUInt32LE(after >>> 0, 0);
    return lib.ioctl(fd, FS_IOC_SETFLAGS, flags) === 0 || refused(lib.errno());
  } finally {
    fs.closeSync(fd);
  }
}

function refused(errno: number): false {
  if (errno === ENOTTY || errno === EOPNOTSUPP) return false;
  throw errnoError(errno, 'FS_IOC_SETFLAGS', undefined);
}
