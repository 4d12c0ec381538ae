import { type ByteString, fromText } from '../bytes/index.ts';

/** layer.md, Whiteouts. */
const PREFIX = fromText('.wh.');
const META_PREFIX = fromText('.wh..wh.');
const OPAQUE = fromText('.wh..wh..opq');

/**
 * What a name in a layer says: `opaque`, that its directory hides what lower layers have there; `removes`, that the name behind it is gone;
 * `meta`, something of a storage driver, which means nothing; undefined for an ordinary name.
 */
export type Whiteout =
  | { readonly kind: 'opaque' | 'meta' }
  | { readonly kind: 'removes'; readonly name: ByteString };

/** Reads a single component. A name that would leave its directory is `meta`. */
export function whiteoutOf(name: ByteString): Whiteout | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  if (name === OPAQUE) return { kind: 'opaque' };
  const removed = name.slice(PREFIX.length) as ByteString;
  if (name.startsWith(META_PREFIX) || removed === '' || removed === '.' || removed === '..')
    return { kind: 'meta' };
  return { kind: 'removes', name: removed };
}
