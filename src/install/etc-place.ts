import { AptLayerError } from '../errors/index.ts';
import { S_IFLNK, S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import { ensureDirectory, isDirectory, replaceSymlink, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

/**
 * A directory of a new deployment whose files are changed: its /etc or its /var. Links in it come from the image and
 * may lead anywhere, so none is followed.
 */
export interface Place {
  /** The text of a regular file; undefined when there is none. */
  read(path: string): string | undefined;
  /** Puts a file there; one that is replaced gives its owner and its mode. */
  write(path: string, text: string, mode?: number): void;
  link(path: string, target: string): void;
  /** Makes a directory and what is missing above it. */
  directory(path: string): string;
}

/** Opens the directory `root`; paths of the result are relative to it. */
export function openPlace(host: Pick<Host, 'sys'>, root: string): Place {
  const { sys } = host;
  const inside = (path: string): string => {
    const parents = path.split('/').slice(0, -1);
    let directory = root;
    for (const name of parents) {
      directory = `${directory}/${name}`;
      if (sys.lstatIfExists(directory) === undefined) ensureDirectory(sys, directory);
      if (!isDirectory(sys, directory))
        throw new AptLayerError('FAILED', `${parents.join('/')} of the image is not a directory`);
    }
    return `${root}/${path}`;
  };
  return {
    read(path) {
      const file = inside(path);
      const stat = sys.lstatIfExists(file);
      if (stat === undefined || (stat.mode & S_IFMT) !== S_IFREG) return undefined;
      return sys.readFile(file).toString('latin1');
    },
    write(path, text, mode = 0o644) {
      const file = inside(path);
      const old = sys.lstatIfExists(file);
      const kept = old !== undefined && (old.mode & S_IFMT) === S_IFREG ? old : undefined;
      writeFileDurable(sys, file, Buffer.from(text, 'latin1'), 0o600);
      if (kept !== undefined) sys.lchown(file, kept.uid, kept.gid);
      sys.chmod(file, kept === undefined ? mode : kept.mode & 0o7777);
    },
    link(path, target) {
      const file = inside(path);
      const old = sys.lstatIfExists(file);
      if (old !== undefined && (old.mode & S_IFMT) !== S_IFLNK) sys.unlink(file);
      replaceSymlink(sys, target, file);
    },
    directory: path => (path === '' ? root : inside(`${path}/.`).slice(0, -2)),
  };
}
