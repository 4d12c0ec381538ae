import { createTarParser, type TarHandler } from '../formats/tar/index.ts';
import { type Compression, decompress, type Sys } from '../sys/index.ts';
import { openMeter, type TarLimits } from './tar-limits.ts';

/** A tar archive that is part of an open file, or all of it. */
export interface TarSource {
  readonly fd: number;
  /** Bytes, of the archive as it is stored. */
  readonly offset: number;
  readonly size: number;
  readonly compression: Compression | 'none';
  /**
   * Whose idea of an archive's end it is: `dpkg` ignores what follows the compressed stream; `registry`, as the clients of registries, reads
   * one stream behind the other, and takes an archive whose last file has no padding.
   */
  readonly end: 'dpkg' | 'registry';
  /** Which types of entries are known. Default `all`. */
  readonly types?: 'all' | 'dpkg';
}

/** What becomes of its contents. */
export interface TarSink {
  readonly handler: TarHandler;
  readonly limits: TarLimits;
  /** Gets the bytes of the archive, uncompressed; not to be kept. */
  readonly onBytes?: (chunk: Buffer) => void;
}

const PIECE_BYTES = 1024 * 1024;

/** Reads a tar archive to its end, decompressed as it goes. FormatError with an offset for what is damaged or too much. */
export function readTar(sys: Sys, source: TarSource, sink: TarSink): void {
  const meter = openMeter(sink.limits, source.size);
  // dpkg and GNU tar accept an archive without blocks of zeros at its end; a cut one is noticed by its compression.
  const isLoose = source.end === 'registry';
  const parser = createTarParser(meter.watch(sink.handler), {
    missingTrailer: isLoose ? 'accept-unpadded' : 'accept',
    types: source.types ?? 'all',
    ...(isLoose && { sparse: 'read' as const, acls: 'read' as const }),
  });
  const write = (chunk: Buffer) => {
    meter.count(chunk);
    sink.onBytes?.(chunk);
    parser.write(chunk);
  };
  const read = regionReader(sys, source);
  if (source.compression === 'none') copy(read, write);
  else decompress(source.compression, { read, write, concatenated: isLoose });
  parser.end();
}

/** Reads a part of a file one buffer after the other; 0 at its end. */
function regionReader(sys: Sys, part: TarSource): (buffer: Buffer) => number {
  let done = 0;
  return buffer => {
    const length = Math.min(buffer.length, part.size - done);
    const count = length === 0 ? 0 : sys.read(part.fd, buffer.subarray(0, length), part.offset + done);
    done += count;
    return count;
  };
}

function copy(read: (buffer: Buffer) => number, write: (chunk: Buffer) => void): void {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let count = read(piece); count > 0; count = read(piece)) write(piece.subarray(0, count));
}
