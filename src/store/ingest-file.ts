import { AptLayerError } from '../errors/index.ts';
import { type ByteString, toPath, toText } from '../formats/bytes/index.ts';
import { objectPath, verityDigest, verityHasher } from '../formats/verity/index.ts';
import { readPieces } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { hasObject, OBJECT_MODE, type ObjectPlace, withFanOut, writeObject } from './object-file.ts';

/**
 * A file whose bytes are to become an object. `copy`: it belongs to somebody else and is only read. `adopt`: it is
 * scratch of ours on the store's file system and nobody has it open; it is renamed into the store. `measure`: only
 * its digest is wanted.
 */
export interface IngestFile {
  readonly path: ByteString;
  /** Bytes, as lstat said; another size is an error. */
  readonly size: number;
  readonly mode: 'copy' | 'adopt' | 'measure';
}

/** Files up to this size are read whole; larger ones in pieces of this size. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Ingests files one after the other with one buffer; runs in a worker thread or, for few files, in the main one. */
export function fileIngester(sys: Sys, place: ObjectPlace): (file: IngestFile) => string {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  return file => {
    const digest =
      file.size <= CHUNK_BYTES
        ? ingestSmall(sys, place, { file, buffer })
        : ingestLarge(sys, place, { file, buffer });
    return digest;
  };
}

interface Work {
  readonly file: IngestFile;
  readonly buffer: Buffer;
}

function ingestSmall(sys: Sys, place: ObjectPlace, { file, buffer }: Work): string {
  const fd = sys.openRead(toPath(file.path));
  try {
    const length = readFully(sys, fd, buffer);
    if (length !== file.size) throw changed(file);
    const bytes = buffer.subarray(0, length);
    const digest = verityDigest(bytes, place.algorithm);
    if (isStored(sys, place, { file, digest })) return digest;
    if (file.mode === 'adopt') adopt(sys, place, { file, digest });
    else writeObject(sys, place, { digest }, target => sys.clone(target, fd) || sys.write(target, bytes));
    return digest;
  } finally {
    sys.close(fd);
  }
}

/** Two passes over a large file: its digest decides whether it is written at all. */
function ingestLarge(sys: Sys, place: ObjectPlace, { file, buffer }: Work): string {
  const fd = sys.openRead(toPath(file.path));
  try {
    const hasher = verityHasher(place.algorithm);
    const size = readPieces(sys, fd, piece => hasher.update(piece), buffer);
    if (size !== file.size) throw changed(file);
    const digest = hasher.digest();
    if (isStored(sys, place, { file, digest })) return digest;
    if (file.mode === 'adopt') adopt(sys, place, { file, digest });
    else
      writeObject(sys, place, { digest }, target => {
        if (!sys.clone(target, fd)) readPieces(sys, fd, piece => sys.write(target, piece), buffer);
      });
    return digest;
  } finally {
    sys.close(fd);
  }
}

function isStored(
  sys: Sys,
  place: ObjectPlace,
  { file, digest }: { file: IngestFile; digest: string },
): boolean {
  return file.mode === 'measure' || hasObject(sys, place, { digest, size: file.size });
}

/** Turns a scratch file into an object without copying: its metadata is made that of an object, then it is renamed. */
function adopt(sys: Sys, place: ObjectPlace, { file, digest }: { file: IngestFile; digest: string }): void {
  const path = toPath(file.path);
  const stat = sys.lstat(path);
  for (const name of sys.xattrs(path)?.keys() ?? []) sys.removeXattr(path, name);
  if (stat.uid !== 0 || stat.gid !== 0) sys.lchown(path, 0, 0);
  if ((stat.mode & 0o7777) !== OBJECT_MODE) sys.chmod(path, OBJECT_MODE);
  if (place.verity) {
    const fd = sys.openRead(path);
    try {
      sys.enableVerity(fd, place.algorithm);
    } finally {
      sys.close(fd);
    }
  }
  const target = `${place.objects}/${objectPath(digest)}`;
  withFanOut(sys, place, { digest, action: () => sys.renameNoReplace(path, target) });
}

function readFully(sys: Sys, fd: number, buffer: Buffer): number {
  let length = 0;
  while (length < buffer.length) {
    const count = sys.read(fd, buffer.subarray(length), null);
    if (count === 0) break;
    length += count;
  }
  return length;
}

function changed(file: IngestFile): AptLayerError {
  return new AptLayerError('FAILED', `${toText(file.path)} changed while it was read`, {
    hint: 'run it again when nothing writes there',
  });
}
