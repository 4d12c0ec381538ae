import { createHash } from 'node:crypto';
import type { Sys } from '../sys/index.ts';

const PIECE_BYTES = 1024 * 1024;

/** Reads an open file from its start to its end, one buffer after the other, and returns how many bytes there were. */
export function readPieces(
  sys: Sys,
  fd: number,
  onPiece: (piece: Buffer) => void,
  buffer: Buffer = Buffer.allocUnsafe(PIECE_BYTES),
): number {
  for (let position = 0; ; ) {
    const count = sys.read(fd, buffer, position);
    if (count === 0) return position;
    position += count;
    onPiece(buffer.subarray(0, count));
  }
}

/** The SHA-256 of an open file, lower-case hex, in little memory. */
export function hashOpenFile(sys: Sys, fd: number): string {
  const hash = createHash('sha256');
  readPieces(sys, fd, piece => hash.update(piece));
  return hash.digest('hex');
}

/** The same of a file by its path; a final symbolic link is refused. */
export function hashFile(sys: Sys, path: string): string {
  const fd = sys.openRead(path);
  try {
    return hashOpenFile(sys, fd);
  } finally {
    sys.close(fd);
  }
}
