import { createHash, type Hash } from 'node:crypto';
import { fromText, toPath, toText } from '../../formats/bytes/index.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../../formats/tree/index.ts';
import { listDirectory, readFileBytes } from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';

/** The largest file that a spec may read. */
export const INPUT_FILE_MAX_BYTES = 4 * 1024 ** 3;

/** SHA-256 of a file with its permissions; of a directory, of all below it with names, permissions and links. */
export function inputDigest(sys: Sys, path: string): string {
  const { mode } = sys.lstat(path);
  const hash = createHash('sha256').update(`${mode} `);
  if ((mode & S_IFMT) !== S_IFDIR)
    return hash.update(hashed(readFileBytes(sys, path, INPUT_FILE_MAX_BYTES))).digest('hex');
  add(sys, hash, path);
  return hash.digest('hex');
}

function add(sys: Sys, hash: Hash, directory: string): void {
  for (const name of listDirectory(sys, directory).sort()) {
    const path = `${directory}/${toText(name)}`;
    const { mode } = sys.lstat(toPath(fromText(path)));
    hash.update(`${mode} ${JSON.stringify(name)} `);
    if ((mode & S_IFMT) === S_IFDIR) add(sys, hash, path);
    else if ((mode & S_IFMT) === S_IFLNK) hash.update(sys.readlink(path));
    else hash.update(hashed(readFileBytes(sys, path, INPUT_FILE_MAX_BYTES)));
    hash.update('\n');
  }
}

function hashed(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
