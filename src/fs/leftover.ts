import { AptLayerError, errnoOf } from '../errors/index.ts';
import { type ByteString, fromText, joinPath, toPath, toText } from '../formats/bytes/index.ts';
import { S_IFDIR, S_IFMT } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import type { Sys } from '../sys/index.ts';

/**
 * Removes what nothing needs any more, as far as that is possible: a file that somebody made immutable or append-only loses the flag, and what
 * cannot be removed even so (a mount point, a damaged inode, a read-only file system) stays, with a warning. Returns whether all of it is
 * gone. For leftovers only, which must not stop what comes after them.
 */
export function removeLeftover(host: Host, path: string): boolean {
  const stays: { path: string; reason: string }[] = [];
  removeAt(host.sys, fromText(path), { device: undefined, stays });
  const [first] = stays;
  if (first === undefined) return true;
  const others = stays.length === 1 ? '' : `, and ${stays.length - 1} more`;
  log(host.report, 'warning', `${first.path} could not be removed and stays: ${first.reason}${others}`);
  return false;
}

interface Removing {
  /** Of the directory above; undefined at the top. */
  readonly device: number | undefined;
  readonly stays: { path: string; reason: string }[];
}

function removeAt(sys: Sys, path: ByteString, { device, stays }: Removing): void {
  try {
    const stat = sys.lstatIfExists(toPath(path));
    if (stat === undefined) return;
    if ((stat.mode & S_IFMT) !== S_IFDIR) {
      retried(sys, path, () => sys.unlink(toPath(path)));
      return;
    }
    if (device !== undefined && stat.dev !== device) {
      stays.push({ path: toText(path), reason: 'it is a mount point' });
      return;
    }
    const before = stays.length;
    for (const name of sys.readdir(toPath(path)))
      removeAt(sys, joinPath(path, name), { device: stat.dev, stays });
    if (stays.length === before) retried(sys, path, () => sys.rmdir(toPath(path)));
  } catch (error) {
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    stays.push({ path: toText(path), reason: (error as Error).message });
  }
}

/** Runs `action` on a path, once more when flags of it or of the directory that it is in forbid it. */
export function retried(sys: Sys, path: ByteString, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (errnoOf(error) !== 'EPERM' && errnoOf(error) !== 'EACCES') throw error;
    const parent = path.slice(0, Math.max(1, path.lastIndexOf('/'))) as ByteString;
    const changed = [parent, path].map(one => withoutFlags(sys, one));
    if (!changed.includes(true)) throw error;
    action();
  }
}

function withoutFlags(sys: Sys, path: ByteString): boolean {
  try {
    return sys.makeRemovable(toPath(path));
  } catch (error) {
    // A symbolic link, or a file system that does not let it: the first error says more.
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
