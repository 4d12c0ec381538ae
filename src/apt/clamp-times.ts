import { type ByteString, fromText, joinPath, toPath } from '../formats/bytes/index.ts';
import { S_IFDIR, S_IFMT } from '../formats/tree/index.ts';
import type { Stat, Sys } from '../sys/index.ts';

/**
 * Gives everything below `root` that was made at `started` (seconds since the epoch) or later the newest time that the
 * packages themselves brought, so that equal packages give an equal tree on any day. Links are not followed.
 */
export function clampTimes(sys: Sys, root: string, started: number): void {
  const recent: ByteString[] = [];
  let newest = 0;
  visit(sys, fromText(root), (path, stat) => {
    const mtime = Number(stat.mtime);
    if (mtime >= started) recent.push(path);
    else newest = Math.max(newest, mtime);
  });
  for (const path of recent) sys.setTimes(toPath(path), { mtime: newest, mtimeNsec: 0 });
}

/** Children before their directory, whose time would change otherwise. */
function visit(sys: Sys, path: ByteString, action: (path: ByteString, stat: Stat) => void): void {
  const stat = sys.lstat(toPath(path));
  if ((stat.mode & S_IFMT) === S_IFDIR)
    for (const name of sys.readdir(toPath(path))) visit(sys, joinPath(path, name), action);
  action(path, stat);
}
