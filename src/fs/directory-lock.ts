import { setTimeout as sleep } from 'node:timers/promises';
import { AptLayerError } from '../errors/index.ts';
import type { Host } from '../host/index.ts';

const POLL_MS = 20;

export interface DirectoryLockOptions {
  /** What INTERRUPTED says did not happen: `the image was not named`. */
  readonly undone: string;
  /** Called once, when somebody else has the lock. */
  readonly onWait?: () => void;
  /** In milliseconds; without it, for as long as it takes. */
  readonly limitMs?: number;
  /** What is thrown when the limit is over. */
  readonly late?: () => AptLayerError;
}

/**
 * Runs `action` while this process alone has the flock of a directory: for files in it that are read, changed and replaced, by whoever else
 * takes the same. It leaves no file there, and the kernel frees it however the process ends. INTERRUPTED when the host's signal says so
 * while it waits.
 */
export async function withDirectoryLock<T>(
  host: Pick<Host, 'sys' | 'signal'>,
  directory: string,
  options: DirectoryLockOptions,
  action: () => T,
): Promise<T> {
  const { sys } = host;
  const fd = sys.openDirectory(directory);
  try {
    const started = performance.now();
    for (let waited = false; !sys.tryLock(fd); waited = true) {
      if (host.signal.aborted) throw new AptLayerError('INTERRUPTED', `interrupted; ${options.undone}`);
      if (options.late !== undefined && performance.now() - started >= (options.limitMs ?? Infinity))
        throw options.late();
      if (!waited) options.onWait?.();
      await sleep(POLL_MS);
    }
    return action();
  } finally {
    sys.close(fd);
  }
}
