import { errnoOf } from '../errors/index.ts';
import { type Sysroot, statePaths } from './paths.ts';

/** Kept for changes on a full disk; a fiftieth of a small file system. */
const RESERVE_BYTES = 4 * 1024 * 1024;
const SHARE_OF_SMALL = 50;

/**
 * Keeps some space of the sysroot's file system in a file, for the changes by which a full disk is emptied. A disk that has no room for it now
 * is no error.
 */
export function keepReserve(at: Sysroot): void {
  const { sys } = at.host;
  const { state, reserve } = statePaths(at.sysroot);
  try {
    if (sys.lstatIfExists(reserve) !== undefined) return;
    const { totalBytes, availableBytes } = sys.space(state);
    const size = Math.min(RESERVE_BYTES, Math.floor(totalBytes / SHARE_OF_SMALL));
    if (availableBytes < 2 * size) return;
    const fd = sys.create(reserve, 0o600);
    try {
      // No zeros, which a file system might not keep.
      sys.write(fd, Buffer.alloc(size, 'reserve\n'));
    } finally {
      sys.close(fd);
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    releaseReserve(at);
  }
}

/** Gives the space free when there is hardly any other. */
export function useReserve(at: Sysroot): void {
  const { state } = statePaths(at.sysroot);
  if (at.host.sys.space(state).availableBytes < RESERVE_BYTES) releaseReserve(at);
}

function releaseReserve({ host: { sys }, sysroot }: Sysroot): void {
  try {
    sys.unlink(statePaths(sysroot).reserve);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}
