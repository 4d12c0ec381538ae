import { countLinks, type Tree } from '../formats/tree/index.ts';
import { objectFile } from './objects.ts';
import type { Store } from './store.ts';

/** A change reads the image that it starts from, its stage and the one that it made. */
const KEPT_MAX = 3;
/** Reading a smaller image takes no time. */
const WORTH_BYTES = 1024 * 1024;

interface Recent {
  readonly tree: Tree;
  /** Of the object's file: another one is read again. */
  readonly identity: string;
}

const recent = new Map<string, Recent>();

/** The tree of an image that was read or written just now; undefined for others, and where its file is not the same any more. */
export function recentTree(store: Store, digest: string): Tree | undefined {
  const key = keyOf(store, digest);
  const found = recent.get(key);
  if (found === undefined) return undefined;
  recent.delete(key);
  if (found.identity !== identityOf(store, digest)) return undefined;
  recent.set(key, found);
  // Trees share leaves, and another one may have been written since.
  countLinks(found.tree);
  return found.tree;
}

/** Keeps a tree for who reads its image next. Nobody changes a tree that has an image. */
export function keepTree(
  store: Store,
  { digest, tree, bytes }: { readonly digest: string; readonly tree: Tree; readonly bytes: number },
): void {
  if (bytes < WORTH_BYTES) return;
  const key = keyOf(store, digest);
  recent.delete(key);
  recent.set(key, { tree, identity: identityOf(store, digest) });
  const [oldest] = recent.keys();
  if (recent.size > KEPT_MAX && oldest !== undefined) recent.delete(oldest);
}

function keyOf({ root }: Store, digest: string): string {
  return `${root}\0${digest}`;
}

function identityOf(store: Store, digest: string): string {
  const { dev, ino, size, mtime, mtimeNsec } = store.host.sys.lstat(objectFile(store, digest));
  return [dev, ino, size, mtime, mtimeNsec].join(' ');
}
