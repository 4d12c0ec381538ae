import { AptLayerError } from '../errors/index.ts';
import { type ByteString, fromText, joinPath, toPath, toText } from '../formats/bytes/index.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import type { Sys } from '../sys/index.ts';
import { VOLATILE_TOPS, volatileAction } from './volatile.ts';

/**
 * Takes what `VOLATILE_PATHS` names out of the system in `root`. Symbolic links are never followed, and a mount point
 * is an error: what is mounted there is not the system's.
 */
export function scrubRoot(sys: Sys, root: string): void {
  const base = fromText(root.replace(/\/+$/, ''));
  const device = sys.lstat(root).dev;
  for (const top of VOLATILE_TOPS) {
    const path = joinPath('' as ByteString, fromText(top));
    const stat = sys.lstatIfExists(toPath(`${base}${path}` as ByteString));
    if (stat !== undefined && (stat.mode & S_IFMT) === S_IFDIR) scrubBelow(sys, { base, device }, path);
  }
}

interface Root {
  readonly base: ByteString;
  readonly device: number;
}

function scrubBelow(sys: Sys, root: Root, directory: ByteString): void {
  for (const name of sys.readdir(toPath(`${root.base}${directory}` as ByteString))) {
    const path = joinPath(directory, name);
    const full = `${root.base}${path}` as ByteString;
    const stat = sys.lstat(toPath(full));
    const action = volatileAction(path);
    const isDirectory = (stat.mode & S_IFMT) === S_IFDIR;
    if (isDirectory) {
      if (stat.dev !== root.device) throw mounted(full);
      scrubBelow(sys, root, path);
      if (action === 'remove') sys.rmdir(toPath(full));
    } else if (action === 'remove' || action === 'remove-file') sys.unlink(toPath(full));
    else if (action === 'empty' && (stat.mode & S_IFMT) === S_IFREG && stat.size > 0) emptyFile(sys, full);
  }
}

function emptyFile(sys: Sys, path: ByteString): void {
  const fd = sys.openAppend(toPath(path), 0o644);
  try {
    sys.truncate(fd, 0);
  } finally {
    sys.close(fd);
  }
}

function mounted(path: ByteString): AptLayerError {
  return new AptLayerError('FAILED', `${toText(path)} is a mount point, so it is not cleaned`, {
    hint: `umount ${toText(path)}`,
  });
}
