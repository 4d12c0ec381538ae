import { AptLayerError, errnoOf } from '../errors/index.ts';
import type { RegularFile } from '../formats/tree/index.ts';
import { objectPath, verityDigest } from '../formats/verity/index.ts';
import { isTemporaryName } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { hasObject, type ObjectPlace, writeObject } from './object-file.ts';
import type { Store, WritableStore } from './store.ts';

export function objectsDirectory(store: Store): string {
  return `${store.root}/objects`;
}

export function objectFile(store: Store, digest: string): string {
  return `${objectsDirectory(store)}/${objectPath(digest)}`;
}

export function objectPlace(store: WritableStore): ObjectPlace {
  return { objects: objectsDirectory(store), algorithm: store.algorithm, verity: store.verity };
}

/** Stores bytes and returns their digest. Durable only after the next `setRef`. */
export function putObject(store: WritableStore, bytes: Buffer): string {
  const digest = verityDigest(bytes, store.algorithm);
  const place = objectPlace(store);
  const { sys } = store.host;
  if (!hasObject(sys, place, { digest, size: bytes.length }))
    writeObject(sys, place, { digest }, fd => sys.write(fd, bytes));
  return digest;
}

/** The bytes of a regular file of a tree, checked against its digest. INTEGRITY when they are not what it says. */
export function readContent(store: Store, file: RegularFile): Buffer {
  if (file.content.kind === 'inline') return file.content.bytes;
  const { digest } = file.content;
  if (digest === undefined) throw new AptLayerError('FAILED', 'the file names no object of this store');
  return readObject(store, digest);
}

/** The bytes of an object, checked. NOT_FOUND or INTEGRITY name it. */
export function readObject(store: Store, digest: string): Buffer {
  const path = objectFile(store, digest);
  const bytes = readObjectFile(store.host.sys, path, digest);
  const actual = verityDigest(bytes, store.algorithm);
  if (actual === digest) return bytes;
  throw new AptLayerError('INTEGRITY', `object ${digest} is damaged: its content has the digest ${actual}`, {
    hint: 'find out what uses it with `apt-layer fsck`',
    details: { object: digest, path, actual },
  });
}

function readObjectFile(sys: Sys, path: string, digest: string): Buffer {
  try {
    return sys.readFile(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    throw new AptLayerError('INTEGRITY', `object ${digest} is missing from the store`, {
      hint: 'find out what uses it with `apt-layer fsck`',
      details: { object: digest, path },
      cause: error,
    });
  }
}

/** Every object's digest, and the names in objects/ that are none. */
export function listObjects(store: Store): { digests: string[]; strangers: string[] } {
  const { sys } = store.host;
  const digests: string[] = [];
  const strangers: string[] = [];
  const directory = objectsDirectory(store);
  for (const fan of sys.readdir(directory)) {
    if (!/^[0-9a-f]{2}$/.test(fan)) {
      if (!isTemporaryName(fan)) strangers.push(`${directory}/${fan}`);
      continue;
    }
    for (const rest of sys.readdir(`${directory}/${fan}`)) {
      if (/^(?:[0-9a-f]{62}|[0-9a-f]{126})$/.test(rest)) digests.push(`${fan}${rest}`);
      else strangers.push(`${directory}/${fan}/${rest}`);
    }
  }
  return { digests, strangers };
}
