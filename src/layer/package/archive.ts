import { AptLayerError, withContextSync } from '../../errors/index.ts';
import { parseDebLayout } from '../../formats/deb/index.ts';
import { hashOpenFile } from '../../fs/index.ts';
import { readTar, type TarSink } from '../../store/index.ts';
import type { Sys } from '../../sys/index.ts';

/** An open .deb whose bytes were found to be the expected ones. */
export interface Archive {
  /** Reads a tar archive in it to the end, decompressed as it goes. FormatError with member and offset. */
  read(member: 'control' | 'data', sink: TarSink): void;
}

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
      read: (member, sink) =>
        withContextSync(layout[member].name, () =>
          // dpkg has control.tar unpacked by tar, and reads data.tar itself.
          readTar(
            sys,
            { fd, ...layout[member], end: 'dpkg', types: member === 'data' ? 'dpkg' : 'all' },
            sink,
          ),
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

/** Bytes of an open file; fewer only where it ends. */
export function readAt(sys: Sys, range: { fd: number; offset: number; length: number }): Buffer {
  const buffer = Buffer.allocUnsafe(range.length);
  let filled = 0;
  while (filled < range.length) {
    const count = sys.read(range.fd, buffer.subarray(filled), range.offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
