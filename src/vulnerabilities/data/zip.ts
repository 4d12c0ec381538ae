import type { Readable } from 'node:stream';
import { AptLayerError, errnoOf, FormatError } from '../../errors/index.ts';
import type { Sys } from '../../sys/index.ts';

/** Records of one ecosystem are below 200,000. */
const FILES_MAX = 5_000_000;

/** Hands on the content of each `.json` file in a zip, a line feed behind each. FormatError for a zip that is damaged or too large. */
export async function readZip(
  { sys, fd, name, maxBytes }: { sys: Sys; fd: number; name: string; maxBytes: number },
  onPiece: (piece: Buffer) => void,
): Promise<void> {
  const { RandomAccessReader, fromRandomAccessReader } = (await import('yauzl')).default;
  const { Readable: NodeReadable } = await import('node:stream');
  class OpenFile extends RandomAccessReader {
    override _readStreamForRange(start: number, end: number): Readable {
      let position = start;
      return new NodeReadable({
        read(size) {
          const buffer = Buffer.allocUnsafe(Math.min(Math.max(size, 4096), end - position));
          const count = buffer.length === 0 ? 0 : sys.read(fd, buffer, position);
          position += count;
          this.push(count === 0 ? null : buffer.subarray(0, count));
        },
      });
    }
  }
  let size = 0;
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false };
    fromRandomAccessReader(new OpenFile(), sys.fstat(fd).size, options, (error, file) => {
      if (error === null) resolve(file as unknown as ZipFile);
      else reject(damaged(name, error));
    });
  });
  try {
    if (zip.entryCount > FILES_MAX) throw new FormatError(name, `the zip has ${zip.entryCount} files`);
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('.json')) continue;
      for await (const piece of await zip.openReadStreamPromise(entry)) {
        size += (piece as Buffer).length;
        if (size > maxBytes)
          throw new FormatError(name, `it has more than ${maxBytes} bytes when it is unpacked`);
        onPiece(piece as Buffer);
      }
      onPiece(LINE_FEED);
    }
  } catch (error) {
    throw damaged(name, error);
  }
}

const LINE_FEED = Buffer.from('\n');

/** What the library has beside its declared types. */
interface ZipFile {
  readonly entryCount: number;
  eachEntry(): AsyncIterable<{ readonly fileName: string }>;
  openReadStreamPromise(entry: { readonly fileName: string }): Promise<Readable>;
}

function damaged(name: string, error: unknown): unknown {
  if (error instanceof AptLayerError) return error;
  const errno = errnoOf(error);
  if (errno !== undefined && !errno.startsWith('ERR')) return error;
  return new FormatError(name, `the zip is damaged: ${(error as Error).message}`, {}, { cause: error });
}
