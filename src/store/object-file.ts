import { AptLayerError, errnoOf } from '../errors/index.ts';
import { type DigestAlgorithm, objectPath } from '../formats/verity/index.ts';
import { temporaryBeside } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';

/** Where objects are; all that writing one needs, also in a worker thread. */
export interface ObjectPlace {
  readonly objects: string;
  readonly algorithm: DigestAlgorithm;
  readonly verity: boolean;
}

export const OBJECT_MODE = 0o644;

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

/** A file that is to become an object: nobody sees it before it is named. */
export interface NewObject {
  /** For writing, until it is named. */
  readonly fd: number;
  /**
   * Gives it its name, the digest of what was written. Where that is taken, the object that is there stays, unless
   * `replace` says that it is damaged.
   */
  name(digest: string, options?: { replace?: boolean }): void;
  /** Ends it; to be called in any case, after `name` or instead of it. */
  close(): void;
}

/** Begins an object in a file without a name where the file system can, else in one with a temporary name. */
export function beginObject(sys: Sys, place: ObjectPlace): NewObject {
  const unnamed = sys.openTemporary(place.objects, OBJECT_MODE);
  let path = unnamed === undefined ? temporaryBeside(`${place.objects}/object`) : undefined;
  const writing = unnamed ?? sys.create(path as string, OBJECT_MODE);
  let fd = writing;
  return {
    fd: writing,
    name(digest, { replace = false } = {}) {
      sys.fchmod(writing, OBJECT_MODE);
      if (place.verity) {
        // fs-verity wants a descriptor for reading, and nobody writing.
        fd = sys.openFollowing(`/proc/self/fd/${writing}`);
        sys.close(writing);
        sys.enableVerity(fd, place.algorithm);
      }
      const target = `${place.objects}/${objectPath(digest)}`;
      if (replace && path === undefined) {
        path = temporaryBeside(`${place.objects}/object`);
        sys.linkTemporary(fd, path);
      }
      const action = () => (path === undefined ? sys.linkTemporary(fd, target) : sys.rename(path, target));
      withFanOut(sys, place, { digest, action });
      path = undefined;
    },
    close() {
      sys.close(fd);
      if (path !== undefined && sys.lstatIfExists(path) !== undefined) sys.unlink(path);
    },
  };
}

/** Writes an object that is not there, or, with `replace`, is damaged. */
export function writeObject(
  sys: Sys,
  place: ObjectPlace,
  named: { digest: string; replace?: boolean },
  fill: (fd: number) => void,
): void {
  const object = beginObject(sys, place);
  try {
    fill(object.fd);
    object.name(named.digest, named);
  } finally {
    object.close();
  }
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
