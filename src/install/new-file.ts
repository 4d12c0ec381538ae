import type { Host } from '../host/index.ts';

/** Writes a file that is not there yet. Durable only once the file system is synced. */
export function writeNew(host: Pick<Host, 'sys'>, path: string, bytes: Buffer | string, mode = 0o644): void {
  const fd = host.sys.create(path, mode);
  try {
    host.sys.write(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  } finally {
    host.sys.close(fd);
  }
}
