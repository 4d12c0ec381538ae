import { errnoOf } from '../errors/index.ts';
import { toText } from '../formats/bytes/index.ts';
import { S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import { isTemporaryName, listDirectory, removeLeftover, temporaryBeside } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { Sys } from '../sys/index.ts';

/** What has no lock of its own counts as left behind when nobody wrote to it for so long. */
const OLD_SECONDS = 3600;
const MODE = 0o644;

/**
 * Makes a file beside `path` under a temporary name and locks it: the kernel frees the lock when the process ends, however it ends, and so says that
 * nobody writes it any more.
 */
export function createLocked(sys: Sys, path: string): { readonly fd: number; readonly path: string } {
  for (;;) {
    const aside = temporaryBeside(path);
    const fd = sys.create(aside, MODE);
    // Between the two calls another export may have taken it for a dead one.
    if (sys.tryLock(fd) && sys.lstatIfExists(aside) !== undefined) return { fd, path: aside };
    sys.close(fd);
  }
}

/**
 * Removes what killed exports left in a layout: files with a temporary name that nobody has locked. Where files are written without a lock
 * of their own, beside the index, only what is old. Those that cannot be looked at stay.
 */
export function removeDead(host: Host, directory: string): void {
  const { sys } = host;
  const nowSeconds = Math.floor(host.clock().getTime() / 1000);
  for (const path of temporariesIn(sys, `${directory}/blobs`)) removeUnlocked(host, path);
  for (const path of temporariesIn(sys, directory)) {
    const mtime = sys.lstatIfExists(path)?.mtime;
    if (mtime !== undefined && Number(mtime) < nowSeconds - OLD_SECONDS) removeLeftover(host, path);
  }
}

function temporariesIn(sys: Sys, directory: string): string[] {
  return listDirectory(sys, directory)
    .map(toText)
    .filter(isTemporaryName)
    .map(name => `${directory}/${name}`)
    .filter(path => ((sys.lstatIfExists(path)?.mode ?? 0) & S_IFMT) === S_IFREG);
}

/** With the lock of the file held, so that whoever is about to lock it sees that it is gone. */
function removeUnlocked(host: Host, path: string): void {
  const { sys } = host;
  let fd: number;
  try {
    fd = sys.openRead(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return;
  }
  try {
    if (sys.tryLock(fd)) removeLeftover(host, path);
  } finally {
    sys.close(fd);
  }
}
