import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import { type ByteString, toText } from '../formats/bytes/index.ts';
import { whiteoutOf } from '../formats/oci/index.ts';
import type { TarHeader } from '../formats/tar/index.ts';
import { type Leaf, type Node, type RegularFile, type Tree, walk } from '../formats/tree/index.ts';
import type { Layering } from './layering.ts';

/** One member of a layer's archive. */
export interface LayerEntry {
  readonly header: TarHeader;
  /** Whose contents follow the header; undefined where none do. */
  readonly file: RegularFile | undefined;
}

/** Changes when the same entries are to give another archive. */
const ARCHIVE_FORMAT = 'layer 1';
const NONE = '' as ByteString;

/**
 * What each layer has, names in byte order and every directory before what it holds. Directories are described in the last layer; in the
 * others they are there for what they hold, and the same whatever the image says of them: so a layer changes with its own files alone.
 * Sockets, which no archive can hold, are left out. FAILED for a name that a layer would take for a whiteout.
 */
export function layerEntries(tree: Tree, { layers, layerOf }: Layering): LayerEntry[][] {
  const top = layers.length - 1;
  const entries: LayerEntry[][] = layers.map(() => []);
  const places = new Set<string>();
  const links = new Map<Leaf, ByteString>();
  for (const { path: absolute, name, node } of walk(tree)) {
    if (node.kind === 'socket') continue;
    const path = absolute.slice(1) as ByteString;
    assertOrdinary(path, name);
    const layer = node.kind === 'directory' ? top : (layerOf.get(node) ?? top);
    const into = entries[layer] as LayerEntry[];
    if (layer !== top) into.push(...missingPlaces(places, layer, path));
    const first = node.kind === 'directory' || node.nlink < 2 ? undefined : links.get(node);
    if (first === undefined && node.kind !== 'directory' && node.nlink > 1) links.set(node, path);
    const file = node.kind === 'file' && first === undefined && node.size > 0 ? node : undefined;
    into.push({ header: headerOf(path, node, first), file });
  }
  return entries;
}

/** The directories above a path that a layer does not have yet. */
function missingPlaces(places: Set<string>, layer: number, path: ByteString): LayerEntry[] {
  const missing: LayerEntry[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const above = path.slice(0, at) as ByteString;
    const key = `${layer}/${above}`;
    if (places.has(key)) continue;
    places.add(key);
    missing.push({ header: { ...PLACE, path: above }, file: undefined });
  }
  return missing;
}

/** A directory that a higher layer describes. */
const PLACE: TarHeader = {
  ...{ path: NONE, type: 'directory', mode: 0o755, uid: 0, gid: 0, uname: NONE, gname: NONE },
  ...{ mtime: 0, mtimeNsec: 0, linkTarget: NONE, size: 0, rdev: 0, xattrs: undefined },
};

/** A digest of what an archive of these entries would have in it, in hexadecimal; nothing is read for it. */
export function contentsOf(entries: readonly LayerEntry[]): string {
  const hash = createHash('sha256').update(ARCHIVE_FORMAT);
  for (const { header, file } of entries) {
    const { xattrs, ...rest } = header;
    const attributes = [...(xattrs ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    hash.update(JSON.stringify([rest, attributes, file === undefined ? null : contentName(file)]));
  }
  return hash.digest('hex');
}

function contentName({ content }: RegularFile): string {
  return content.kind === 'inline' ? content.bytes.toString('base64') : (content.digest ?? '');
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
  const common = { path, mode, uid, gid, uname: NONE, gname: NONE, mtime: Number(node.mtime), mtimeNsec };
  if (first !== undefined)
    return { ...common, type: 'hardlink', linkTarget: first, size: 0, rdev: 0, xattrs: undefined };
  const kind = node.kind as Exclude<Node['kind'], 'socket'>;
  return {
    ...common,
    type: kind,
    linkTarget: node.kind === 'symlink' ? node.target : NONE,
    size: node.kind === 'file' ? node.size : 0,
    rdev: kind === 'character' || kind === 'block' ? (node as { rdev: number }).rdev : 0,
    xattrs,
  };
}
