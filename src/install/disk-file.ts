import { dirname } from 'node:path';
import { syncDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { DiskTarget } from './target.ts';

/** Runs `action` with the disk there: a file that is to be made is made first (sparse, for its owner alone: password hashes are in it), and removed when `action` fails. */
export async function diskFile<T>(host: Host, target: DiskTarget, action: () => Promise<T>): Promise<T> {
  if (!target.create) return await action();
  const { sys } = host;
  const isNew = sys.lstatIfExists(target.path) === undefined;
  const fd = sys.openAppend(target.path, 0o600);
  try {
    sys.truncate(fd, 0);
    sys.truncate(fd, target.sizeBytes);
  } finally {
    sys.close(fd);
  }
  try {
    const result = await action();
    syncDirectory(sys, dirname(target.path));
    return result;
  } catch (error) {
    if (isNew) sys.unlink(target.path);
    throw error;
  }
}
