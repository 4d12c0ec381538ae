import { AptLayerError, errnoOf } from '../errors/index.ts';
import type { RegularFile } from '../formats/tree/index.ts';
import { type DigestAlgorithm, objectPath, verityDigest } from '../formats/verity/index.ts';
import { isTemporaryName, temporaryBeside } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import type { Store, WritableStore } from './store.ts';

/** Where objects are; all that writing one needs, also in a worker thread. */
export interface ObjectPlace {
  readonly objects: string;
  readonly algorithm: DigestAlgorithm;
  readonly verity: boolean;
}

export const OBJECT_MODE = 0o644;

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
    writeObject(sys, place, digest, fd => sys.write(fd, bytes));
  return digest;
}

/** Whether an object of that digest and size is there. One of another size is damaged: it is named, not replaced. */
export function hasObject(sys: Sys, place: ObjectPlace, object: { digest: string; size: number }): boolean {
  const path = `${place.objects}/${objectPath(object.digest)}`;
  const stat = sys.lstatIfExists(path);
  if (stat === undefined) return false;
  if (stat.size === object.size) return true;
  throw new AptLayerError(
    'INTEGRITY',
    `object ${object.digest} has ${stat.size} bytes instead of ${object.size}`,
    {
      hint: 'check the store with `apt-layer fsck`',
      details: { object: object.digest, path },
    },
  );
}

/** Writes an object that is not there: to a file without a name, fs-verity on, then linked into place. */
export function writeObject(sys: Sys, place: ObjectPlace, digest: string, fill: (fd: number) => void): void {
  const { fd: writing, path } = openNew(sys, place.objects);
  let fd = writing;
  try {
    fill(fd);
    sys.fchmod(fd, OBJECT_MODE);
    if (place.verity) {
      // fs-verity wants a descriptor for reading, and nobody writing.
      fd = sys.openFollowing(`/proc/self/fd/${writing}`);
      sys.close(writing);
      sys.enableVerity(fd, place.algorithm);
    }
    nameObject(sys, place, { digest, fd, path });
  } catch (error) {
    if (path !== undefined && sys.lstatIfExists(path) !== undefined) sys.unlink(path);
    throw error;
  } finally {
    sys.close(fd);
  }
}

/** A file without a name where the file system can, else one with a temporary name. */
function openNew(sys: Sys, directory: string): { fd: number; path: string | undefined } {
  const fd = sys.openTemporary(directory, OBJECT_MODE);
  if (fd !== undefined) return { fd, path: undefined };
  const path = temporaryBeside(`${directory}/object`);
  return { fd: sys.create(path, OBJECT_MODE), path };
}

function nameObject(
  sys: Sys,
  place: ObjectPlace,
  object: { digest: string; fd: number; path: string | undefined },
): void {
  const target = `${place.objects}/${objectPath(object.digest)}`;
  const name = () =>
    object.path === undefined ? sys.linkTemporary(object.fd, target) : sys.rename(object.path, target);
  withFanOut(sys, place, { digest: object.digest, action: name });
}

/** Runs an action that names an object; makes the directory of its first two digits when it is missing. */
export function withFanOut(
  sys: Sys,
  place: ObjectPlace,
  naming: { digest: string; action: () => void },
): void {
  try {
    naming.action();
  } catch (error) {
    // Somebody else stored the same bytes meanwhile.
    if (errnoOf(error) === 'EEXIST') return;
    if (errnoOf(error) !== 'ENOENT') throw error;
    makeFanOut(sys, `${place.objects}/${naming.digest.slice(0, 2)}`);
    withFanOut(sys, place, naming);
  }
}

function makeFanOut(sys: Sys, path: string): void {
  try {
    sys.mkdir(path, 0o755);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
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
