import { AptLayerError } from '../errors/index.ts';
import { type ByteString, toText } from '../formats/bytes/index.ts';
import { whiteoutOf } from '../formats/oci/index.ts';
import { createTarWriter, type TarHeader } from '../formats/tar/index.ts';
import { type Leaf, type Node, type RegularFile, type Tree, walk } from '../formats/tree/index.ts';
import { verityHasher } from '../formats/verity/index.ts';
import { objectFile, type Store } from '../store/index.ts';

const PIECE_BYTES = 1024 * 1024;

/**
 * The tree as a tar archive, piece by piece: every name in byte order, owners as numbers, times with their fractions, xattrs and hard links.
 * The bytes depend on the tree alone. Sockets, which no archive can hold, are left out. FAILED for a name that a layer would take for a
 * whiteout; INTEGRITY for an object that is not what its name says.
 */
export function* layerArchive(store: Store, tree: Tree): Generator<Buffer, void, undefined> {
  let pieces: Buffer[] = [];
  const tar = createTarWriter(piece => pieces.push(piece));
  function* take(): Generator<Buffer, void, undefined> {
    const taken = pieces;
    pieces = [];
    yield* taken;
  }
  const links = new Map<Leaf, ByteString>();
  for (const { path: absolute, name, node } of walk(tree)) {
    if (node.kind === 'socket') continue;
    const path = absolute.slice(1) as ByteString;
    assertOrdinary(path, name);
    const first = node.kind === 'directory' || node.nlink < 2 ? undefined : links.get(node);
    tar.entry(headerOf(path, node, first));
    if (first !== undefined) continue;
    if (node.kind !== 'directory' && node.nlink > 1) links.set(node, path);
    if (node.kind === 'file')
      for (const piece of contentPieces(store, node)) {
        tar.data(piece);
        yield* take();
      }
    yield* take();
  }
  tar.end();
  yield* take();
}

function assertOrdinary(path: ByteString, name: ByteString): void {
  if (whiteoutOf(name) === undefined) return;
  throw new AptLayerError(
    'FAILED',
    `/${toText(path)} cannot be in an OCI layer, where such a name removes files`,
    {
      hint: 'an image with it can only be checked out',
    },
  );
}

function headerOf(
  path: ByteString,
  node: Exclude<Node, { kind: 'socket' }>,
  first: ByteString | undefined,
): TarHeader {
  const { mode, uid, gid, mtimeNsec, xattrs } = node;
  const none = '' as ByteString;
  const common = { path, mode, uid, gid, uname: none, gname: none, mtime: Number(node.mtime), mtimeNsec };
  if (first !== undefined)
    return { ...common, type: 'hardlink', linkTarget: first, size: 0, rdev: 0, xattrs: undefined };
  const kind = node.kind as Exclude<Node['kind'], 'socket'>;
  return {
    ...common,
    type: kind,
    linkTarget: node.kind === 'symlink' ? node.target : none,
    size: node.kind === 'file' ? node.size : 0,
    rdev: kind === 'character' || kind === 'block' ? (node as { rdev: number }).rdev : 0,
    xattrs,
  };
}

/** The contents of a file, in buffers of their own, checked once they are read. */
function* contentPieces(store: Store, { content, size }: RegularFile): Generator<Buffer, void, undefined> {
  if (content.kind === 'inline') {
    yield content.bytes;
    return;
  }
  const { digest } = content;
  if (digest === undefined) throw new AptLayerError('FAILED', 'a file names no object of this store');
  const { sys } = store.host;
  const fd = sys.openRead(objectFile(store, digest));
  try {
    if (sys.fstat(fd).size !== size) throw damaged(digest, `does not have ${size} bytes`);
    const hasher = verityHasher(store.algorithm);
    for (let left = size; left > 0; ) {
      const buffer = Buffer.allocUnsafe(Math.min(left, PIECE_BYTES));
      const count = sys.read(fd, buffer, size - left);
      if (count === 0) throw damaged(digest, 'ends early');
      const piece = buffer.subarray(0, count);
      hasher.update(piece);
      left -= count;
      yield piece;
    }
    if (hasher.digest() !== digest) throw damaged(digest, 'is damaged');
  } finally {
    sys.close(fd);
  }
}

function damaged(digest: string, reason: string): AptLayerError {
  return new AptLayerError('INTEGRITY', `object ${digest} ${reason}`, {
    hint: 'find out what uses it with `apt-layer fsck`',
    details: { object: digest },
  });
}
