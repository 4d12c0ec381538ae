import type { Sys } from '../sys/index.ts';

/** Writes a file of ours that a sandbox is to see, with exactly `mode`; one that is there is replaced. */
export function writeForSandbox(sys: Sys, path: string, file: { bytes: Buffer; mode: number }): void {
  if (sys.lstatIfExists(path) !== undefined) sys.unlink(path);
  const fd = sys.create(path, file.mode);
  // Whatever the umask says: apt's download user must be able to read most of them.
  sys.fchmod(fd, file.mode);
  sys.write(fd, file.bytes);
  sys.close(fd);
}
