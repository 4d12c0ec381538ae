import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { must } from './command.ts';
import { CACHE } from './places.ts';

/** A directory that goes away with `await using`. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
  /** The path of something inside. */
  join(...names: string[]): string;
}

/** f_type of the file systems on which overlayfs takes an upper directory with trusted xattrs. */
const UPPER_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
};

/**
 * The directory for large temporary trees: the first of $TMPDIR, /var/tmp, the cache and /dev/shm that can hold
 * the upper directory of an overlay. /tmp is left out, since on Debian 13 it is memory.
 */
export function temporaryRoot(): string {
  const candidates = [process.env['TMPDIR'], '/var/tmp', path.join(CACHE, 'tmp'), '/dev/shm'];
  for (const candidate of candidates) {
    if (candidate === undefined || candidate === '') continue;
    if (candidate.startsWith(CACHE)) fs.mkdirSync(candidate, { recursive: true });
    if (fs.existsSync(candidate) && UPPER_FILE_SYSTEMS[fs.statfsSync(candidate).type] !== undefined)
      return candidate;
  }
  throw new Error('no directory for tests on ext4, xfs, btrfs or tmpfs; set TMPDIR to one');
}

/** A new empty directory, by default in `temporaryRoot()`, owned by root with mode 0755. */
export function temporaryDirectory(name = 'test', parent = temporaryRoot()): TemporaryDirectory {
  const directory = fs.mkdtempSync(path.join(parent, `apt-layer-${name}-`));
  // chroots and apt's own user have to pass through.
  fs.chmodSync(directory, 0o755);
  return {
    path: directory,
    join: (...names) => path.join(directory, ...names),
    [Symbol.asyncDispose]: () => removeTreeWithMounts(directory),
  };
}

/** Unmounts everything below a directory, then removes it without leaving its file system. */
export async function removeTreeWithMounts(directory: string): Promise<void> {
  unmountBelow(directory);
  // Not fs.rm: it reads names as UTF-8 and stumbles over those that are not.
  await must('rm', ['-rf', '--one-file-system', '--', directory]);
}

/** Unmounts what is mounted at or below a directory, the innermost first. */
export function unmountBelow(directory: string): void {
  const real = fs.existsSync(directory) ? fs.realpathSync(directory) : directory;
  for (const point of mountPoints().reverse())
    if (point === real || point.startsWith(`${real}/`)) unmount(point);
}

function unmount(point: string): void {
  const done = spawnSync('umount', ['--', point], { encoding: 'utf8' });
  if (done.status === 0) return;
  // Something still has a file open there; it must not keep the directory from going.
  const lazy = spawnSync('umount', ['--lazy', '--', point], { encoding: 'utf8' });
  if (lazy.status !== 0) throw new Error(`cannot unmount ${point}: ${done.stderr} ${lazy.stderr}`);
}

function mountPoints(): string[] {
  return fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) => octalByte(octal)));
}

function octalByte(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}
