import { type ByteString, fromBuffer } from '../formats/bytes/index.ts';
import type { Xattrs } from '../formats/tree/index.ts';
import { ENODATA, EOPNOTSUPP, ERANGE, errnoError } from './errno.ts';
import { native } from './native.ts';
import { cString } from './stat.ts';
import type { SysPath } from './sys.ts';

/** The kernel's own limits for a list of names and for a value (XATTR_LIST_MAX, XATTR_SIZE_MAX). */
const LIMIT = 65536;
const list = Buffer.alloc(LIMIT);
const value = Buffer.alloc(LIMIT);

/** All xattrs of the inode itself (symlinks not followed), or undefined when it has none or cannot have any. */
export function readXattrs(path: SysPath): Xattrs | undefined {
  const lib = native();
  const cPath = cString(path);
  const length = lib.llistxattr(cPath, list, LIMIT);
  if (length === 0) return undefined;
  if (length < 0) {
    if (lib.errno() === EOPNOTSUPP) return undefined;
    throw errnoError(lib.errno(), 'llistxattr', path);
  }
  const result = new Map<ByteString, ByteString>();
  const names = Buffer.from(list.subarray(0, length));
  for (let start = 0; start < length; ) {
    const end = names.indexOf(0, start);
    const size = lib.lgetxattr(cPath, names.subarray(start, end + 1), value, LIMIT);
    if (size >= 0) result.set(fromBuffer(names, start, end), fromBuffer(value, 0, size));
    // ENODATA: it went away between the two calls, or is a name the file system lists but does not show.
    else if (lib.errno() !== ENODATA) throw errnoError(lib.errno(), 'lgetxattr', path);
    start = end + 1;
  }
  return result.size === 0 ? undefined : result;
}

export function setXattr(path: SysPath, name: ByteString, data: ByteString): void {
  const bytes = Buffer.from(data, 'latin1');
  const lib = native();
  if (bytes.length > LIMIT) throw errnoError(ERANGE, 'lsetxattr', path);
  if (lib.lsetxattr(cString(path), cString(Buffer.from(name, 'latin1')), bytes, bytes.length, 0) !== 0)
    throw errnoError(lib.errno(), `lsetxattr(${name})`, path);
}

export function removeXattr(path: SysPath, name: ByteString): void {
  const lib = native();
  if (lib.lremovexattr(cString(path), cString(Buffer.from(name, 'latin1'))) !== 0)
    throw errnoError(lib.errno(), `lremovexattr(${name})`, path);
}
