import type { ByteString } from '../formats/bytes/index.ts';
import { whiteoutOf } from '../formats/oci/index.ts';
import type { Directory, Node } from '../formats/tree/index.ts';
import type { LayerTree } from './encode-layer.ts';

/**
 * A layer on top of a tree, by OCI image-spec 1.1, layer.md: what the layer has replaces what is there, directories are merged, whiteouts
 * remove what lower layers have and never what the layer itself brings. Neither is changed.
 */
export function applyLayer(lower: Directory | undefined, { root, implied }: LayerTree): Directory {
  return merge(lower, root, implied);
}

function merge(lower: Directory | undefined, upper: Directory, implied: ReadonlySet<Directory>): Directory {
  const metadata = lower !== undefined && implied.has(upper) ? lower : upper;
  const entries = survivors(lower, upper);
  for (const [name, node] of upper.entries) {
    if (whiteoutOf(name) !== undefined) continue;
    const below = entries.get(name);
    entries.set(
      name,
      node.kind === 'directory'
        ? merge(below?.kind === 'directory' ? below : undefined, node, implied)
        : node,
    );
  }
  return { ...metadata, kind: 'directory', entries };
}

/** What a directory of lower layers still has under the whiteouts of a layer. */
function survivors(lower: Directory | undefined, upper: Directory): Map<ByteString, Node> {
  const entries = new Map(lower?.entries);
  for (const name of upper.entries.keys()) {
    const whiteout = whiteoutOf(name);
    if (whiteout?.kind === 'opaque') return new Map();
    if (whiteout?.kind === 'removes') entries.delete(whiteout.name);
  }
  return entries;
}
