import type { ErrorCode } from './codes.ts';
import { AptLayerError, errnoOf } from './error.ts';

const ERRNO_CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EACCES: 'PERMISSION',
  EPERM: 'PERMISSION',
  EROFS: 'PERMISSION',
};

/** These say that the program used a system call wrongly, whatever it was given. */
const BUGS: readonly string[] = ['EBADF', 'EFAULT'];

const ERRNO_HINTS: Readonly<Record<string, string>> = {
  ENOSPC:
    'free some space on that file system (`apt-layer cleanup` drops what no deployment needs) and run it again',
  EDQUOT: 'raise the quota or free some space, and run it again',
  EACCES: 'run it as root',
  EPERM: 'run it as root',
  ENOTDIR: 'a name in that path is a file where a directory should be; see the paths that were given',
};

/**
 * Runs `action` and says what was being done when it fails: `staging deployment X: ENOSPC ...`. Used once per
 * operation, at its boundary. Errors keep their code and hint; an errno becomes the matching code.
 */
export async function withContext<T>(doing: string, action: () => Promise<T> | T): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw inContext(doing, error);
  }
}

/** The same for synchronous code. */
export function withContextSync<T>(doing: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw inContext(doing, error);
  }
}

function inContext(doing: string, error: unknown): unknown {
  if (error instanceof AptLayerError) {
    return new AptLayerError(error.code, `${doing}: ${error.message}`, {
      hint: error.hint,
      details: error.details,
      cause: error.cause,
    });
  }
  return explained(doing, error);
}

/** What the system refused, as the error that says so: an errno becomes the code that belongs to it. Other errors stay what they are. */
export function explained(doing: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (error instanceof AptLayerError || errno === undefined || BUGS.includes(errno)) return error;
  return new AptLayerError(ERRNO_CODES[errno] ?? 'FAILED', `${doing}: ${(error as Error).message}`, {
    hint: ERRNO_HINTS[errno],
    details: { errno },
    cause: error,
  });
}
