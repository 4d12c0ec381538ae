import { createHash } from 'node:crypto';
import { AptLayerError, withContext } from '../../errors/index.ts';
import { type DebMember, parseDebLayout } from '../../formats/deb/index.ts';
import { createTarParser, type TarHandler } from '../../formats/tar/index.ts';
import { CommandFailed, lastLines, type Runner } from '../../process/index.ts';
import type { Sys } from '../../sys/index.ts';
import { type Limits, openMeter } from './limits.ts';

/** What reading archives takes, in whichever thread. */
export interface ArchiveReader {
  readonly sys: Sys;
  readonly runner: Runner;
}

/** An open .deb whose bytes were found to be the expected ones. */
export interface Archive {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Reads a tar archive in it to the end, decompressed as it goes. FormatError with member and offset. */
  read(member: 'control' | 'data', handler: TarHandler, limits: Limits): Promise<void>;
}

const PIECE_BYTES = 1024 * 1024;

/**
 * Opens a .deb and checks all of its bytes against `sha256` (when there is one) before anything is read out of it.
 * INTEGRITY names the file and both hashes.
 */
export async function withArchive<T>(
  reader: ArchiveReader,
  deb: { path: string; sha256: string | undefined },
  action: (archive: Archive) => Promise<T>,
): Promise<T> {
  const { sys } = reader;
  const fd = sys.openFollowing(deb.path);
  try {
    const { size } = sys.fstat(fd);
    const sha256 = hashOf(sys, fd, size);
    if (deb.sha256 !== undefined && deb.sha256 !== sha256) throw wrongHash(deb.path, deb.sha256, sha256);
    const layout = parseDebLayout((offset, length) => readAt(sys, { fd, offset, length }), size);
    return await action({
      sha256,
      read: (member, handler, limits) =>
        withContext(layout[member].name, () =>
          readMember(reader, { fd, member: layout[member] }, { handler, limits }),
        ),
    });
  } finally {
    sys.close(fd);
  }
}

/** The SHA-256 of a file, lower-case hex. */
export function hashFile(sys: Sys, path: string): string {
  const fd = sys.openFollowing(path);
  try {
    return hashOf(sys, fd, sys.fstat(fd).size);
  } finally {
    sys.close(fd);
  }
}

function hashOf(sys: Sys, fd: number, size: number): string {
  const hash = createHash('sha256');
  for (const piece of pieces(sys, { fd, offset: 0, size })) hash.update(piece);
  return hash.digest('hex');
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

/** A part of a file in pieces, each a buffer of its own since a pipe may still hold it. */
function* pieces(sys: Sys, part: { fd: number; offset: number; size: number }): Generator<Buffer> {
  for (let done = 0; done < part.size; ) {
    const length = Math.min(PIECE_BYTES, part.size - done);
    const piece = readAt(sys, { fd: part.fd, offset: part.offset + done, length });
    if (piece.length === 0) return;
    done += piece.length;
    yield piece;
  }
}

const FILTERS = {
  gzip: { tool: 'gzip', args: ['-dc'] },
  xz: { tool: 'xz', args: ['-dc'] },
  zstd: { tool: 'zstd', args: ['-dcq'] },
} as const;

async function readMember(
  reader: ArchiveReader,
  source: { fd: number; member: DebMember },
  sink: { handler: TarHandler; limits: Limits },
): Promise<void> {
  const { member, fd } = source;
  const meter = openMeter(sink.limits, member.size);
  // dpkg and GNU tar accept an archive without blocks of zeros at its end; the filters tell when one is cut.
  const parser = createTarParser(meter.watch(sink.handler), { missingTrailer: 'accept' });
  const take = (chunk: Buffer) => {
    meter.count(chunk.length);
    parser.write(chunk);
  };
  const compressed = pieces(reader.sys, { fd, offset: member.offset, size: member.size });
  if (member.compression === 'none') for (const piece of compressed) take(piece);
  else await filter(reader.runner, member.compression, { compressed, take });
  parser.end();
}

async function filter(
  runner: Runner,
  compression: keyof typeof FILTERS,
  stream: { compressed: Iterable<Buffer>; take: (chunk: Buffer) => void },
): Promise<void> {
  try {
    await runner.stream(FILTERS[compression], { stdin: stream.compressed, onStdout: stream.take });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new AptLayerError('FORMAT', `damaged: ${lastLines(error.stderrTail, 3)}`, {
      hint: 'fetch the archive again',
      cause: error,
    });
  }
}
