import type { ByteString } from '../formats/bytes/index.ts';
import type { Sys } from '../sys/index.ts';

/** Where a path leads with all links followed, absolute. ENOENT and the like where it leads nowhere. */
export function realPath(sys: Sys, path: string): ByteString {
  const fd = sys.openFollowing(path);
  try {
    return sys.readlink(`/proc/self/fd/${fd}`);
  } finally {
    sys.close(fd);
  }
}
