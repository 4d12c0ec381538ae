import { EINVAL, ENXIO, errnoError } from './errno.ts';
import { native } from './native.ts';
import { fstat } from './stat.ts';

const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** Bytes of a file that are not a hole: from `start` up to, without, `end`. */
export interface DataRange {
  readonly start: number;
  readonly end: number;
}

/** The first range with data at or after `from`; undefined when only a hole follows. Moves the descriptor's offset. A file system that knows no holes has one range. */
export function nextData(fd: number, from: number): DataRange | undefined {
  const start = seek(fd, from, SEEK_DATA);
  if (start === 'none') return undefined;
  if (start !== 'unknown') {
    const end = seek(fd, start, SEEK_HOLE);
    if (typeof end === 'number') return { start, end };
  }
  const { size } = fstat(fd);
  return from < size ? { start: from, end: size } : undefined;
}

function seek(fd: number, offset: number, whence: number): number | 'none' | 'unknown' {
  const lib = native();
  const found = Number(lib.lseek64(fd, offset, whence));
  if (found >= 0) return found;
  const code = lib.errno();
  if (code === ENXIO) return 'none';
  if (code === EINVAL) return 'unknown';
  throw errnoError(code, 'lseek', undefined);
}
