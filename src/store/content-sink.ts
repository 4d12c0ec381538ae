import { type Content, INLINE_CONTENT_MAX } from '../formats/tree/index.ts';
import { objectPath, type VerityHasher, verityDigest, verityHasher } from '../formats/verity/index.ts';
import type { Sys } from '../sys/index.ts';
import { beginObject, hasObject, type NewObject, type ObjectPlace, writeObject } from './object-file.ts';

/**
 * Turns contents that arrive in pieces into what a tree names: inline bytes or an object. One at a time: `begin`,
 * `write` ..., `end`. Memory is bounded whatever the sizes are. Durable only after a ref is set.
 */
export interface ContentSink {
  /** `size` in bytes, as announced; `end` is called after exactly that many. */
  begin(size: number): void;
  write(chunk: Buffer): void;
  end(): Content;
  /** Drops what was begun; the sink can be used again. */
  abandon(): void;
}

export interface SinkOptions {
  /** Objects that are there are read and, where they are damaged, replaced. */
  readonly repair?: boolean;
}

/** Whole pieces of zeros are left out of files, and a piece is as large as what file systems like to allocate. */
const HOLE_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE_BYTES);

/** Larger contents are written as they come; smaller ones only when the store does not have them. */
const HELD_BYTES_MAX = 4 * 1024 * 1024;

export function contentSink(sys: Sys, place: ObjectPlace, options: SinkOptions = {}): ContentSink {
  const held = Buffer.allocUnsafe(HELD_BYTES_MAX);
  const replace = options.repair === true;
  let size = 0;
  let filled = 0;
  let large: { object: NewObject; hasher: VerityHasher; file: HoleWriter } | undefined;
  const isStored = (digest: string) =>
    replace ? isWhole(sys, place, digest) : hasObject(sys, place, { digest, size });

  const endLarge = ({ object, hasher, file }: NonNullable<typeof large>): Content => {
    try {
      file.end();
      const digest = hasher.digest();
      if (!isStored(digest)) object.name(digest, { replace });
      return { kind: 'object', digest };
    } finally {
      large = undefined;
      object.close();
    }
  };
  return {
    begin(announced) {
      size = announced;
      filled = 0;
      if (size <= HELD_BYTES_MAX) return;
      const object = beginObject(sys, place);
      large = { object, hasher: verityHasher(place.algorithm), file: holeWriter(sys, object.fd) };
    },
    write(chunk) {
      if (large === undefined) filled += chunk.copy(held, filled);
      else {
        large.hasher.update(chunk);
        large.file.write(chunk);
      }
    },
    end() {
      if (large !== undefined) return endLarge(large);
      if (filled !== size) throw new Error(`${filled} bytes came instead of ${size}`);
      const bytes = held.subarray(0, size);
      if (size <= INLINE_CONTENT_MAX) return { kind: 'inline', bytes: Buffer.from(bytes) };
      const digest = verityDigest(bytes, place.algorithm);
      if (!isStored(digest)) writeObject(sys, place, { digest, replace }, fd => sys.write(fd, bytes));
      return { kind: 'object', digest };
    },
    abandon() {
      large?.object.close();
      large = undefined;
    },
  };
}

interface HoleWriter {
  write(bytes: Buffer): void;
  /** Makes the file as long as what was written. */
  end(): void;
}

/** Writes a new file from its beginning to its end, with holes for zeros. */
function holeWriter(sys: Sys, fd: number): HoleWriter {
  let written = 0;
  let position = 0;
  const flush = (data: Buffer) => {
    if (data.length === 0) return;
    sys.writeAt(fd, data, position);
    written = position + data.length;
  };
  return {
    write(bytes) {
      let start = 0;
      for (let at = 0; at < bytes.length; ) {
        const length = Math.min(bytes.length - at, HOLE_BYTES);
        const piece = bytes.subarray(at, at + length);
        at += length;
        if (piece[0] !== 0 || length < HOLE_BYTES || !ZEROS.equals(piece)) continue;
        const data = bytes.subarray(start, at - length);
        flush(data);
        position += data.length + length;
        start = at;
      }
      flush(bytes.subarray(start));
      position += bytes.length - start;
    },
    end() {
      if (position > written) sys.truncate(fd, position);
    },
  };
}

/** Whether an object is there with the bytes its name says. */
function isWhole(sys: Sys, place: ObjectPlace, digest: string): boolean {
  const path = `${place.objects}/${objectPath(digest)}`;
  return (
    sys.lstatIfExists(path) !== undefined && verityDigest(sys.readFile(path), place.algorithm) === digest
  );
}
