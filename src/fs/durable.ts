import { dirname } from 'node:path';
import { errnoOf } from '../errors/index.ts';
import type { Sys } from '../sys/index.ts';

let serial = 0;

/** A name beside `path` for writing aside. Leftovers of a killed run are recognised by `.tmp-`. */
export function temporaryBeside(path: string): string {
  serial += 1;
  return `${dirname(path)}/.tmp-${process.pid}-${Date.now().toString(36)}-${serial}`;
}

/** True for the names that `temporaryBeside` makes. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.tmp-');
}

/**
 * Replaces a file in one step: written aside, synced, renamed, and the directory synced. After it returns the new
 * content survives a power cut; before the rename the old one does. For small state files.
 */
export function writeFileDurable(sys: Sys, path: string, data: string | Buffer, mode = 0o644): void {
  const aside = temporaryBeside(path);
  const fd = sys.create(aside, mode);
  try {
    // Whatever the umask of who runs it is.
    if ((sys.fstat(fd).mode & 0o777) !== mode) sys.fchmod(fd, mode);
    sys.write(fd, typeof data === 'string' ? Buffer.from(data) : data);
    sys.fsync(fd);
  } catch (error) {
    sys.close(fd);
    removeIfExists(sys, aside);
    throw error;
  }
  sys.close(fd);
  renameDurable(sys, aside, path);
}

/** Renames over `to` and syncs the directory of `to`. */
export function renameDurable(sys: Sys, from: string, to: string): void {
  try {
    sys.rename(from, to);
  } catch (error) {
    removeIfExists(sys, from);
    throw error;
  }
  syncDirectory(sys, dirname(to));
}

/** Points the symbolic link `path` at `target` in one step. Durable only after the file system is synced. */
export function replaceSymlink(sys: Sys, target: string, path: string): void {
  if (sys.lstatIfExists(path) === undefined) {
    sys.symlink(target, path);
    return;
  }
  if (sys.readlink(path) === target) return;
  const aside = temporaryBeside(path);
  sys.symlink(target, aside);
  sys.rename(aside, path);
}

export function syncDirectory(sys: Sys, path: string): void {
  withDirectory(sys, path, fd => sys.fsync(fd));
}

/**
 * Writes out the physical file system that holds `path`. Never call it with `/`: on a composefs root that is an
 * overlay, and syncing it does not reach the disk below.
 */
export function syncFileSystem(sys: Sys, path: string): void {
  withDirectory(sys, path, fd => sys.syncfs(fd));
}

function withDirectory(sys: Sys, path: string, action: (fd: number) => void): void {
  const fd = sys.openDirectory(path);
  try {
    action(fd);
  } finally {
    sys.close(fd);
  }
}

function removeIfExists(sys: Sys, path: string): void {
  try {
    sys.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
