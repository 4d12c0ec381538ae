import { AptLayerError, errnoOf } from '../errors/index.ts';
import { S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK } from '../formats/tree/index.ts';
import type { Sys } from '../sys/index.ts';

/**
 * The bytes of a file named by the user. A directory, a FIFO or a socket, or what is larger than `maxBytes`, is an
 * error that says so.
 */
export function readFileBytes(sys: Sys, path: string, maxBytes: number): Buffer {
  const fd = openNamed(sys, path);
  try {
    const stat = sys.fstat(fd);
    const type = stat.mode & S_IFMT;
    if (type === S_IFDIR) throw new AptLayerError('NOT_FOUND', `${path} is a directory, not a file`);
    // Whoever is to write into it may never come.
    if (type === S_IFIFO || type === S_IFSOCK)
      throw new AptLayerError(
        'FAILED',
        `${path} is ${type === S_IFIFO ? 'a FIFO' : 'a socket'}, not a file`,
        {
          hint: 'write its contents to a file first',
        },
      );
    if (type === S_IFREG && stat.size > maxBytes)
      throw new AptLayerError(
        'FAILED',
        `${path} is ${stat.size} bytes long; at most ${maxBytes} are accepted`,
      );
    return readAll(sys, fd, { path, maxBytes, expected: stat.size });
  } finally {
    sys.close(fd);
  }
}

/** The same, or undefined when there is no such file, or it goes while it is looked at. A link that leads nowhere is an error. */
export function readFileIfExists(sys: Sys, path: string, maxBytes: number): Buffer | undefined {
  if (sys.lstatIfExists(path) === undefined) return undefined;
  try {
    return readFileBytes(sys, path, maxBytes);
  } catch (error) {
    if (sys.lstatIfExists(path) === undefined) return undefined;
    throw error;
  }
}

function openNamed(sys: Sys, path: string): number {
  try {
    return sys.openFollowing(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR')
      throw new AptLayerError('NOT_FOUND', `${path} does not exist`, { cause: error });
    throw error;
  }
}

function readAll(sys: Sys, fd: number, file: { path: string; maxBytes: number; expected: number }): Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.max(file.expected - size, 65536));
    const count = sys.read(fd, chunk, null);
    if (count === 0) return chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks, size);
    size += count;
    if (size > file.maxBytes)
      throw new AptLayerError(
        'FAILED',
        `${file.path} is longer than the ${file.maxBytes} bytes that are accepted`,
      );
    chunks.push(chunk.subarray(0, count));
  }
}
