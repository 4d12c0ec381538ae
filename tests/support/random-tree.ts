import { type ByteString, fromText } from '../../src/formats/bytes/index.ts';
import { serializeDump } from '../../src/formats/dump/index.ts';
import {
  type Content,
  countLinks,
  type Directory,
  type Leaf,
  type Metadata,
  type Node,
  type Tree,
  type Xattrs,
} from '../../src/formats/tree/index.ts';
import { objectPath } from '../../src/formats/verity/index.ts';

export interface RandomTreeOptions {
  /** About how many names. */
  readonly size: number;
  readonly whiteouts?: boolean;
  readonly algorithm?: 'sha256' | 'sha512';
  /** Sizes on devices and fifos, which dumps have and images lose. */
  readonly specialSizes?: boolean;
}

/** Numbers that depend on the seed alone (mulberry32). */
export function randomSource(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A tree with everything an image can hold: odd names, hardlinks, all kinds, xattrs shared and not, extreme numbers. */
export function randomTree(seed: number, options: RandomTreeOptions): Tree {
  const random = randomSource(seed);
  const pick = <T>(...values: readonly T[]): T => values[random(values.length)]!;
  const bytes = (length: number): ByteString => {
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(1 + random(255));
    return text.replaceAll('/', '_') as ByteString;
  };
  const hex = (): string => {
    let digest = '';
    while (digest.length < (options.algorithm === 'sha512' ? 128 : 64))
      digest += random(2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return digest;
  };
  const labels = Array.from(
    { length: 4 },
    () => new Map([[fromText('security.selinux'), bytes(20 + random(30))]]),
  );
  const digests = Array.from({ length: 5 }, hex);

  const ownXattrs = (): Xattrs => {
    const xattrs = new Map<ByteString, ByteString>(random(2) === 0 ? labels[random(4)] : undefined);
    for (let n = random(4); n > 0; n--) {
      const prefix = pick(
        'user.',
        'trusted.',
        'security.',
        'trusted.overlay.',
        'trusted.overlay.overlay.',
        'system.posix_acl_access',
        'odd',
      );
      const key = (prefix + bytes(1 + random(12))) as ByteString;
      xattrs.set(key, bytes(pick(0, 1, 3, 4, random(60), random(3000))));
    }
    return xattrs;
  };
  const xattrs = (): Xattrs | undefined => {
    const chosen = pick(undefined, undefined, labels[random(4)], ownXattrs());
    return chosen?.size === 0 ? undefined : chosen;
  };
  const metadata = (): Metadata => ({
    mode: random(0o10000),
    uid: pick(0, 0, 1000, 65535, 65536, 2 ** 32 - 1),
    gid: pick(0, 0, 1000, 65535, 65536, 2 ** 32 - 1),
    mtime: pick<number | bigint>(0, 1700000000, 1700000000, -1, -(2 ** 40), 2 ** 52, 2n ** 62n, -(2n ** 62n)),
    mtimeNsec: pick(0, 0, 5, 999999999),
    xattrs: xattrs(),
  });
  const content = (): { size: number; content: Content } => {
    if (random(3) === 0) {
      const data = Buffer.from(bytes(pick(0, 1, 64, random(5000), 2047, 2048, 2049, 4096, 5000)), 'latin1');
      return { size: data.length, content: { kind: 'inline', bytes: data } };
    }
    const digest = random(3) === 0 ? digests[random(5)]! : hex();
    const size = pick(
      1,
      65,
      4096,
      4097,
      2 ** 32 - 1,
      2 ** 32,
      2 ** 43,
      2 ** 43 + 1,
      2 ** 50,
      1 + random(1e6),
    );
    const path = pick(
      bytes(random(200)),
      '' as ByteString,
      fromText(objectPath(digests[0]!)),
      fromText('/abs/path'),
    );
    const kind = random(5);
    if (kind > 0) return { size, content: { kind: 'object', digest } };
    const known = random(2) === 0 && path !== objectPath(digest) ? digest : undefined;
    return { size, content: { kind: 'path', path, digest: known } };
  };
  const leaf = (): Leaf => {
    const kind = random(10);
    const nlink = 1;
    if (kind < 6) return { kind: 'file', ...metadata(), ...content(), nlink };
    if (kind < 8)
      return {
        kind: 'symlink',
        ...metadata(),
        target: bytes(pick(1, 10, 1 + random(300), 4000, 4095)),
        nlink,
      };
    const special = pick('character', 'block', 'fifo', 'socket');
    if (special === 'character' || special === 'block')
      return { kind: special, ...metadata(), rdev: 1 + random(2 ** 32 - 1), nlink };
    const size = options.specialSizes === true ? pick(0, 2 ** 32) : 0;
    return { kind: special, ...metadata(), rdev: 0, nlink, ...(size === 0 ? {} : { size }) };
  };
  const name = (): ByteString =>
    pick(
      bytes(1 + random(20)),
      bytes(1 + random(20)),
      bytes(255),
      `${random(256).toString(16).padStart(2, '0')}` as ByteString,
      bytes(1),
    );

  const root: Directory = { kind: 'directory', ...metadata(), entries: new Map() };
  const directories = [root];
  const leaves: Leaf[] = [];
  for (let n = 1 + random(options.size); n > 0; n--) {
    // Mostly the newest directories, so that trees get deep; sometimes one large directory.
    const directory = random(3) === 0 ? directories[0]! : directories[random(directories.length)]!;
    const key = name();
    if (key === '.' || key === '..' || directory.entries.has(key)) continue;
    const choice = random(10);
    let node: Node;
    if (choice === 0) {
      node = { kind: 'directory', ...metadata(), entries: new Map() };
      directories.push(node);
    } else if (choice === 1 && leaves.length > 0) {
      node = leaves[random(leaves.length)]!;
    } else if (choice === 2 && options.whiteouts === true) {
      node = { kind: 'character', ...metadata(), rdev: 0, nlink: 1 };
    } else {
      node = leaf();
      leaves.push(node);
    }
    directory.entries.set(key, node);
  }
  countLinks(root);
  return root;
}

/** The dump of a tree with xattrs in name order: equal for equal trees, whatever the order of their maps. */
export function canonicalText(tree: Tree): string {
  return serializeDump(tree)
    .toString('latin1')
    .split('\n')
    .map(line => {
      const fields = line.split(' ');
      return [...fields.slice(0, 11), ...fields.slice(11).sort()].join(' ');
    })
    .join('\n');
}
