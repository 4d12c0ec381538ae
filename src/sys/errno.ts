import { getSystemErrorMap, getSystemErrorName } from 'node:util';
import type { SysPath } from './sys.ts';

/** An error shaped as node:fs makes them: `code`, `errno`, `syscall`, `path`. */
export function errnoError(errno: number, syscall: string, path: SysPath | undefined): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  const meaning = getSystemErrorMap().get(-errno)?.[1] ?? 'unknown error';
  const shown = path === undefined ? undefined : typeof path === 'string' ? path : path.toString('latin1');
  const error: NodeJS.ErrnoException = new Error(
    `${code}: ${meaning}, ${syscall}${shown === undefined ? '' : ` '${shown}'`}`,
  );
  error.code = code;
  error.errno = -errno;
  error.syscall = syscall;
  if (shown !== undefined) error.path = shown;
  return error;
}

export const EIO = 5;
export const ENOSPC = 28;
export const ENODATA = 61;
export const EAGAIN = 11;
export const EINVAL = 22;
export const ENXIO = 6;
export const ENOTTY = 25;
export const EOPNOTSUPP = 95;
export const EEXIST = 17;
export const ERANGE = 34;
