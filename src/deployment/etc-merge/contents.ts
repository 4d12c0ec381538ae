import { errnoOf } from '../../errors/index.ts';
import { type ByteString, toPath } from '../../formats/bytes/index.ts';
import type { Content as FileContent, RegularFile } from '../../formats/tree/index.ts';
import { type DigestAlgorithm, verityDigest, verityHasher } from '../../formats/verity/index.ts';
import { readPieces } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { type OutsideFiles, readContent, type Store } from '../../store/index.ts';
import type { DigestOf } from './same.ts';

/** How the contents of three trees are read and compared. */
export interface Contents {
  readonly digestOf: DigestOf;
  readonly read: (file: RegularFile) => Buffer;
}

/** Contents in memory, in the store, and in files that are in use, which are read in pieces and only where sizes are the same. */
export function contentsOf(store: Store, outside: OutsideFiles): Contents {
  return {
    digestOf: digestsOf(store, outside),
    read(file) {
      const path = outside.get(file.content);
      return path === undefined ? readContent(store, file) : store.host.sys.readFile(toPath(path));
    },
  };
}

/** How a store with this algorithm knows contents; no store is looked at. */
export function digestsOf(at: Hashing, outside: OutsideFiles): DigestOf {
  const known = new Map<FileContent, string>();
  return content => {
    if (content.kind === 'inline') return verityDigest(content.bytes, at.algorithm);
    const path = outside.get(content);
    if (path === undefined) return content.digest ?? '';
    const digest = known.get(content) ?? digestOfFile(at, path);
    known.set(content, digest);
    return digest;
  };
}

interface Hashing {
  readonly host: Host;
  readonly algorithm: DigestAlgorithm;
}

/** Of a file that is gone it is one that no content has. */
function digestOfFile({ host: { sys }, algorithm }: Hashing, path: ByteString): string {
  try {
    const fd = sys.openRead(toPath(path));
    try {
      const hasher = verityHasher(algorithm);
      readPieces(sys, fd, piece => hasher.update(piece));
      return hasher.digest();
    } finally {
      sys.close(fd);
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return 'gone';
  }
}
