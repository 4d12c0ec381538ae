import { dirname } from 'node:path';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import { type ByteString, fromText, joinPath, toPath, toText } from '../formats/bytes/index.ts';
import { S_IFDIR, S_IFMT } from '../formats/tree/index.ts';
import type { Sys } from '../sys/index.ts';

/** Makes `path` and what is missing above it. An existing directory is left as it is; anything else there is an error. */
export function ensureDirectory(sys: Sys, path: string, mode = 0o755): void {
  try {
    sys.mkdir(path, mode);
    // A directory of the state is for everybody to look into, whatever the umask of who made it.
    if ((sys.lstat(path).mode & 0o777) !== mode) sys.chmod(path, mode);
  } catch (error) {
    switch (errnoOf(error)) {
      case 'EEXIST':
        // Through a symlink too: an administrator may have moved the directory to another disk.
        sys.close(sys.openDirectory(path));
        return;
      case 'ENOENT':
        ensureDirectory(sys, dirname(path), 0o755);
        ensureDirectory(sys, path, mode);
        return;
      default:
        throw error;
    }
  }
}

export function isDirectory(sys: Sys, path: string | Buffer): boolean {
  const stat = sys.lstatIfExists(path);
  return stat !== undefined && (stat.mode & S_IFMT) === S_IFDIR;
}

/** The names in a directory; none when it does not exist. Other failures are thrown: unreadable is not empty. */
export function listDirectory(sys: Sys, path: string): ByteString[] {
  try {
    return sys.readdir(path).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Removes `path` and everything below it, links not followed. Absence is success. It stops at a mount point: the
 * file system mounted there is somebody else's.
 */
export function removeTree(sys: Sys, path: string): void {
  const stat = sys.lstatIfExists(path);
  if (stat === undefined) return;
  if ((stat.mode & S_IFMT) === S_IFDIR) removeBelow(sys, fromText(path), stat.dev);
  else sys.unlink(path);
}

function removeBelow(sys: Sys, directory: ByteString, device: number): void {
  const path = toPath(directory);
  for (const name of sys.readdir(path)) {
    const child = joinPath(directory, name);
    const childPath = toPath(child);
    const stat = sys.lstat(childPath);
    if ((stat.mode & S_IFMT) !== S_IFDIR) sys.unlink(childPath);
    else if (stat.dev === device) removeBelow(sys, child, device);
    else
      throw new AptLayerError('FAILED', `${toText(child)} is a mount point, so it is not removed`, {
        hint: `umount ${toText(child)}`,
      });
  }
  sys.rmdir(path);
}
