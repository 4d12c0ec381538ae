import { AptLayerError, withContext } from '../errors/index.ts';
import { type ByteString, fromText, joinPath, toPath } from '../formats/bytes/index.ts';
import {
  type Directory,
  INLINE_CONTENT_MAX,
  type Leaf,
  type Metadata,
  type RegularFile,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  type Tree,
} from '../formats/tree/index.ts';
import { metadataOf, specialKind } from '../fs/index.ts';
import type { Stat, Sys } from '../sys/index.ts';
import type { IngestFile } from './ingest-file.ts';
import { type IngestPool, ingestPool } from './pool.ts';
import type { WritableStore } from './store.ts';

export interface ImportOptions {
  /** `adopt` moves the files' bytes into the store and leaves the directory in pieces: for scratch of ours. */
  readonly mode: Exclude<IngestFile['mode'], 'measure'>;
  /** Bytes stored so far, and of how many; called now and then. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Stores every file below `directory` and returns the tree: metadata and xattrs as they are, contents of at most 64
 * bytes in the tree itself, hard links as one leaf with several names, devices, fifos and sockets. Other file systems
 * mounted below appear as empty directories. Durable after the next `setRef`.
 */
export function importDirectory(
  store: WritableStore,
  directory: string,
  options: ImportOptions,
): Promise<Tree> {
  return withContext(`importing ${directory}`, async () => {
    const { sys } = store.host;
    const stat = sys.lstat(directory);
    if ((stat.mode & S_IFMT) !== S_IFDIR) throw new AptLayerError('NOT_FOUND', 'it is not a directory');
    let totalBytes = 0;
    const pool = ingestPool(store, done => options.onProgress?.(Math.min(done, totalBytes), totalBytes));
    const scan: Scan = {
      sys,
      pool,
      mode: options.mode,
      device: stat.dev,
      inodes: new Map(),
      addBytes: size => {
        totalBytes += size;
      },
    };
    const tree = await scanned(scan, fromText(directory), stat);
    await pool.finish();
    return tree;
  });
}

async function scanned(scan: Scan, path: ByteString, stat: Stat): Promise<Tree> {
  try {
    return scanDirectory(scan, path, stat);
  } catch (error) {
    return scan.pool.abandon(error);
  }
}

interface Scan {
  readonly sys: Sys;
  readonly pool: IngestPool;
  readonly mode: ImportOptions['mode'];
  readonly device: number;
  /** Leaves with several names, by inode number. */
  readonly inodes: Map<number, Leaf>;
  addBytes(size: number): void;
}

function scanDirectory(scan: Scan, path: ByteString, stat: Stat): Directory {
  const directory: Directory = { ...metadataAt(scan, path, stat), kind: 'directory', entries: new Map() };
  if (stat.dev !== scan.device) return directory;
  for (const name of scan.sys.readdir(toPath(path))) {
    const child = joinPath(path, name);
    const childStat = scan.sys.lstat(toPath(child));
    const isDirectory = (childStat.mode & S_IFMT) === S_IFDIR;
    directory.entries.set(
      name,
      isDirectory ? scanDirectory(scan, child, childStat) : scanLeaf(scan, child, childStat),
    );
  }
  return directory;
}

function scanLeaf(scan: Scan, path: ByteString, stat: Stat): Leaf {
  if (stat.nlink === 1) return makeLeaf(scan, path, stat);
  const known = scan.inodes.get(stat.ino);
  if (known !== undefined) return known;
  const leaf = makeLeaf(scan, path, stat);
  scan.inodes.set(stat.ino, leaf);
  return leaf;
}

function makeLeaf(scan: Scan, path: ByteString, stat: Stat): Leaf {
  const metadata = metadataAt(scan, path, stat);
  const type = stat.mode & S_IFMT;
  if (type === S_IFLNK)
    return { ...metadata, kind: 'symlink', target: scan.sys.readlink(toPath(path)), nlink: 1 };
  if (type !== S_IFREG) return { ...metadata, kind: specialKind(stat), rdev: stat.rdev, nlink: 1 };
  return scanFile(scan, path, { metadata, size: stat.size });
}

function scanFile(scan: Scan, path: ByteString, found: { metadata: Metadata; size: number }): RegularFile {
  const { metadata, size } = found;
  if (size <= INLINE_CONTENT_MAX) {
    const bytes = size === 0 ? Buffer.alloc(0) : scan.sys.readFile(toPath(path));
    return { ...metadata, kind: 'file', size: bytes.length, content: { kind: 'inline', bytes }, nlink: 1 };
  }
  const file: RegularFile = {
    ...metadata,
    kind: 'file',
    size,
    content: { kind: 'object', digest: '' },
    nlink: 1,
  };
  scan.addBytes(size);
  scan.pool.add({ path, size, mode: scan.mode }, digest => {
    file.content = { kind: 'object', digest };
  });
  return file;
}

function metadataAt(scan: Scan, path: ByteString, stat: Stat): Metadata {
  return metadataOf(stat, scan.sys.xattrs(toPath(path)));
}
