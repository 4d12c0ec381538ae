import { AptLayerError, withContextSync } from '../../errors/index.ts';
import { type DebMember, parseDebLayout } from '../../formats/deb/index.ts';
import { createTarParser, type TarHandler } from '../../formats/tar/index.ts';
import { hashOpenFile } from '../../fs/index.ts';
import { decompress, type Sys } from '../../sys/index.ts';
import { type Limits, openMeter } from './limits.ts';

/** An open .deb whose bytes were found to be the expected ones. */
export interface Archive {
  /** Reads a tar archive in it to the end, decompressed as it goes. FormatError with member and offset. */
  read(member: 'control' | 'data', handler: TarHandler, limits: Limits): void;
}

const PIECE_BYTES = 1024 * 1024;

/**
 * Opens a .deb and checks all of its bytes against `sha256` before anything is read out of it.
 * INTEGRITY names the file and both hashes.
 */
export function withArchive<T>(
  sys: Sys,
  deb: { path: string; sha256: string },
  action: (archive: Archive) => T,
): T {
  const fd = sys.openFollowing(deb.path);
  try {
    const { size } = sys.fstat(fd);
    const sha256 = hashOpenFile(sys, fd);
    if (deb.sha256 !== sha256) throw wrongHash(deb.path, deb.sha256, sha256);
    const layout = parseDebLayout((offset, length) => readAt(sys, { fd, offset, length }), size);
    return action({
      read: (member, handler, limits) =>
        withContextSync(layout[member].name, () =>
          readMember(sys, { fd, member: layout[member] }, { handler, limits }),
        ),
    });
  } finally {
    sys.close(fd);
  }
}

function wrongHash(path: string, expected: string, actual: string): AptLayerError {
  return new AptLayerError('INTEGRITY', `${path} has the SHA-256 ${actual} instead of ${expected}`, {
    hint: 'remove it from the cache, and run it again',
    details: { path, expected, actual },
  });
}

function readAt(sys: Sys, range: { fd: number; offset: number; length: number }): Buffer {
  const buffer = Buffer.allocUnsafe(range.length);
  let filled = 0;
  while (filled < range.length) {
    const count = sys.read(range.fd, buffer.subarray(filled), range.offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** Reads a part of a file one buffer after the other; 0 at its end. */
function regionReader(
  sys: Sys,
  part: { fd: number; offset: number; size: number },
): (buffer: Buffer) => number {
  let done = 0;
  return buffer => {
    const length = Math.min(buffer.length, part.size - done);
    const count = length === 0 ? 0 : sys.read(part.fd, buffer.subarray(0, length), part.offset + done);
    done += count;
    return count;
  };
}

function readMember(
  sys: Sys,
  source: { fd: number; member: DebMember },
  sink: { handler: TarHandler; limits: Limits },
): void {
  const { member, fd } = source;
  const meter = openMeter(sink.limits, member.size);
  // dpkg and GNU tar accept an archive without blocks of zeros at its end; a cut one is noticed by its compression.
  const parser = createTarParser(meter.watch(sink.handler), { missingTrailer: 'accept' });
  const write = (chunk: Buffer) => {
    meter.count(chunk.length);
    parser.write(chunk);
  };
  const read = regionReader(sys, { fd, offset: member.offset, size: member.size });
  if (member.compression === 'none') copy(read, write);
  else decompress(member.compression, { read, write });
  parser.end();
}

function copy(read: (buffer: Buffer) => number, write: (chunk: Buffer) => void): void {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let count = read(piece); count > 0; count = read(piece)) write(piece.subarray(0, count));
}
