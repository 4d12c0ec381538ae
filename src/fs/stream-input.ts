import { AptLayerError, errnoOf } from '../errors/index.ts';
import { S_IFDIR, S_IFMT } from '../formats/tree/index.ts';
import type { Sys } from '../sys/index.ts';

/** The file name that means standard input or output. */
export const STANDARD_STREAM = '-';

const CHUNK_BYTES = 1024 * 1024;
const STDIN = 0;

/**
 * The bytes of a file the user named (`-`: standard input) in pieces of at most 1 MiB. Each piece is valid until the
 * next one is asked for: the buffer is used again. Memory does not depend on the size of the file.
 */
export function* readChunks(sys: Sys, path: string): Generator<Buffer, void, undefined> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const fd = path === STANDARD_STREAM ? STDIN : open(sys, path);
  try {
    for (;;) {
      const count = readSome(sys, fd, buffer);
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    if (fd !== STDIN) sys.close(fd);
  }
}

/** All bytes of a file the user named, or of standard input. More than `maxBytes` is an error that says so. */
export function readInput(sys: Sys, path: string, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  for (const chunk of readChunks(sys, path)) {
    size += chunk.length;
    if (size > maxBytes)
      throw new AptLayerError(
        'FAILED',
        `${named(path)} is longer than the ${maxBytes} bytes that are accepted`,
      );
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks, size);
}

function open(sys: Sys, path: string): number {
  let fd: number;
  try {
    fd = sys.openFollowing(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR')
      throw new AptLayerError('NOT_FOUND', `${path} does not exist`, { cause: error });
    if (errno === 'EACCES')
      throw new AptLayerError('PERMISSION', `${path} may not be read`, {
        hint: 'run it as root',
        cause: error,
      });
    throw error;
  }
  if ((sys.fstat(fd).mode & S_IFMT) !== S_IFDIR) return fd;
  sys.close(fd);
  throw new AptLayerError('NOT_FOUND', `${path} is a directory, not a file`);
}

/** A pipe that another program made non-blocking says EAGAIN while it is empty. */
function readSome(sys: Sys, fd: number, buffer: Buffer): number {
  for (;;) {
    try {
      return sys.read(fd, buffer, null);
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function named(path: string): string {
  return path === STANDARD_STREAM ? 'standard input' : path;
}
