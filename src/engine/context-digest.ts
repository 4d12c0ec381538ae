import { createHash } from 'node:crypto';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import { hashOpenFile } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { OpenContext } from './context.ts';
import { contextEntries } from './context-entries.ts';

/** What an image is built of, as one digest. */
export interface ContextDigest {
  /** SHA-256, 64 lower-case hex digits. */
  readonly digest: string;
  /** Files, directories and links of the context; those that are left out do not count. */
  readonly files: number;
  /** Of their contents. */
  readonly bytes: number;
}

/** Written first, so that another way to take the digest gives others. */
const FORMAT = 'apt-layer context 1';
const PERMISSIONS = 0o7777;

/**
 * The digest of everything that an engine is given: the Containerfile, the arguments, what is to be ignored, and of the context each file that is not, with
 * its path, permissions and contents, or the target of a link. Owners and times do not count: engines copy files as root's, and each checkout gives
 * new times. What steps fetch is not in it.
 */
export async function contextDigest(
  host: Pick<Host, 'sys' | 'signal'>,
  open: OpenContext,
): Promise<ContextDigest> {
  const { sys } = host;
  const { text, ignore, buildArguments } = open;
  const hash = createHash('sha256');
  const args = Object.entries(buildArguments).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(`${FORMAT}\n${hashed(text)}\n${ignore === undefined ? '-' : hashed(ignore.text)}\n`);
  hash.update(`${JSON.stringify(args)}\n`);
  let [files, bytes] = [0, 0];
  for await (const { path, place, mode, rdev } of contextEntries(host, open)) {
    const type = mode & S_IFMT;
    files += 1;
    hash.update(`${(type | (mode & PERMISSIONS)).toString(8)} ${JSON.stringify(path)} `);
    if (type === S_IFREG) {
      const fd = sys.openRead(place);
      try {
        bytes += sys.fstat(fd).size;
        hash.update(hashOpenFile(sys, fd));
      } finally {
        sys.close(fd);
      }
    } else if (type === S_IFLNK) hash.update(JSON.stringify(sys.readlink(place)));
    // Devices, FIFOs and the like are never opened.
    else if (type !== S_IFDIR) hash.update(String(rdev));
    hash.update('\n');
  }
  return { digest: hash.digest('hex'), files, bytes };
}

function hashed(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
