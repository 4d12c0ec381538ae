import { AptLayerError } from '../../errors/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { parseDump, serializeDump } from '../../formats/dump/index.ts';
import {
  type Directory,
  type Leaf,
  lookupDirectory,
  type Node,
  type Tree,
  type Xattrs,
} from '../../formats/tree/index.ts';
import { type DigestAlgorithm, verityDigest } from '../../formats/verity/index.ts';
import { parseStateFile } from '../../transaction/index.ts';

/** Version of `etc.json`. */
const VERSION = 1;
/** A record of 100,000 files has about 30 MiB. */
export const PUBLIC_ETC_MAX_BYTES = 64 * 1024 * 1024;

/** What anybody may know of the /etc of an image: `etc.json` beside a deployment. */
export interface PublicEtc {
  readonly algorithm: DigestAlgorithm;
  /** Files by digest. Of what the image closes to others it has kind, mode and owner alone. */
  readonly tree: Directory;
}

/** Whether the image closes a node to who is neither its owner nor of its group: what it is must not be told then. */
export function isClosed(node: Node): boolean {
  if (node.kind === 'directory') return (node.mode & 0o5) !== 0o5;
  return node.kind === 'file' && (node.mode & 0o4) === 0;
}

/** The text of `etc.json` for an image. No content is in it, and nothing of what a user who walks the image could not see. */
export function publicEtc(image: Tree, algorithm: DigestAlgorithm): string {
  const etc = lookupDirectory(image, fromText('/etc'));
  const tree: Directory =
    etc === undefined
      ? { ...{ mode: 0o755, uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined }, ...EMPTY }
      : (publicNode(etc, { algorithm, known: new Map() }) as Directory);
  const dump = serializeDump(tree).toString('latin1');
  return `${JSON.stringify({ version: VERSION, algorithm, dump })}\n`;
}

const EMPTY = { kind: 'directory', entries: new Map() } as const;

interface Making {
  readonly algorithm: DigestAlgorithm;
  readonly known: Map<Node, Leaf>;
}

function publicNode(node: Node, making: Making): Node {
  const xattrs = isClosed(node) ? undefined : shownXattrs(node.xattrs);
  if (node.kind === 'directory') {
    const shown = isClosed(node) ? [] : [...node.entries];
    const entries = shown.map(([name, child]) => [name, publicNode(child, making)] as const);
    return { ...node, xattrs, entries: new Map(entries) };
  }
  const leaf = making.known.get(node) ?? { ...publicLeaf(node, making.algorithm), xattrs };
  making.known.set(node, leaf);
  return leaf;
}

function publicLeaf(leaf: Leaf, algorithm: DigestAlgorithm): Leaf {
  if (leaf.kind !== 'file') return leaf;
  if (isClosed(leaf)) return { ...leaf, size: 0, content: { kind: 'inline', bytes: Buffer.alloc(0) } };
  const { content, size } = leaf;
  if (content.kind !== 'inline' || size === 0) return leaf;
  return { ...leaf, content: { kind: 'object', digest: verityDigest(content.bytes, algorithm) } };
}

/** `trusted.` ones are shown to root alone. */
function shownXattrs(xattrs: Xattrs | undefined): Xattrs | undefined {
  const shown = [...(xattrs ?? [])].filter(([name]) => !name.startsWith('trusted.'));
  return shown.length === 0 ? undefined : new Map(shown);
}

/** Reads an `etc.json` of any content; CONFIG_INVALID naming `path` when it is not one. */
export function parsePublicEtc(path: string, data: Buffer): PublicEtc {
  const { version, algorithm, dump } = parseStateFile(path, data);
  if (version !== VERSION || (algorithm !== 'sha256' && algorithm !== 'sha512') || typeof dump !== 'string')
    throw new AptLayerError('CONFIG_INVALID', `${path} is damaged, or a newer apt-layer wrote it`, {
      hint: 'root can look without it; remove it, and the next change that root makes writes it again',
    });
  return { algorithm, tree: parseDump(Buffer.from(dump, 'latin1')).tree };
}
