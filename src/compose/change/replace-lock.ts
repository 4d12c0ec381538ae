import { dirname } from 'node:path';
import { AptLayerError } from '../../errors/index.ts';
import { readFileIfExists, withDirectoryLock, writeOutput } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { type Lock, parseLock, serializeLock } from '../lock/index.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** The bytes of a lock file; undefined where there is none. */
export function lockBytes({ sys }: Pick<Host, 'sys'>, path: string): Buffer | undefined {
  return readFileIfExists(sys, path, MAX_BYTES);
}

/**
 * Writes a lock file whole, in one step and durable, after a second look: FAILED when the file is not as it was `before` the lock was made, and does
 * not say the same, since somebody else wrote it meanwhile. Of two that write at once the second one sees what the first wrote. What could not be read
 * back is never written: CONFIG_INVALID.
 */
export async function replaceLock(
  host: Pick<Host, 'sys' | 'signal'>,
  path: string,
  { lock, before }: { readonly lock: Lock; readonly before: Buffer | undefined },
): Promise<void> {
  const { sys } = host;
  const text = Buffer.from(serializeLock(lock));
  parseLock(text, path);
  // On the directory, since the file itself is replaced.
  await withDirectoryLock(host, dirname(path), { undone: `${path} was not written` }, () => {
    const now = lockBytes(host, path);
    if (now?.equals(text)) return;
    if (now === undefined ? before !== undefined : before === undefined || !now.equals(before))
      throw new AptLayerError('FAILED', `${path} was changed by somebody else while this ran, and stays`, {
        hint: 'look at what it says now, and run it again to replace it',
        details: { file: path },
      });
    const mode = sys.lstatIfExists(path)?.mode;
    writeOutput(sys, path, text, mode === undefined ? undefined : mode & 0o777);
  });
}
