import { type ByteString, fromBuffer, fromText, toBuffer } from '../formats/bytes/index.ts';
import {
  components,
  type Directory,
  lookup,
  lookupDirectory,
  type Node,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  type Tree,
  walk,
} from '../formats/tree/index.ts';
import { isDirectory, readFileIfExists, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { contentLinks, OWNED } from '../layer/index.ts';
import { readContent, type Store } from '../store/index.ts';
import { parseStateFile } from '../transaction/index.ts';

/** Links from the shared /var to files of images, by their path below it; what they say. */
export type VarLinks = ReadonlyMap<ByteString, ByteString>;

const VERSION = 1;
const MAX_BYTES = 256 * 1024 * 1024;
const VAR = '/var';

/** The links of an image. */
export function varLinks(tree: Tree): VarLinks {
  return new Map(
    contentLinks(tree).map(({ path, target }) => [path.slice(VAR.length) as ByteString, target]),
  );
}

/** The links that were ever made in a shared /var; undefined where none were recorded, as by earlier versions. */
export function readVarLinks(host: Host, path: string): VarLinks | undefined {
  const data = readFileIfExists(host.sys, path, MAX_BYTES);
  if (data === undefined) return undefined;
  const { version, links } = parseStateFile(path, data);
  if (version !== VERSION || typeof links !== 'object' || links === null) return undefined;
  return new Map(
    Object.entries(links).map(([name, target]) => [
      fromBuffer(Buffer.from(name, 'latin1')),
      fromBuffer(Buffer.from(String(target), 'latin1')),
    ]),
  );
}

/** Durable when it returns. A link that another deployment needs again stays in the record, so that it goes with the last. */
export function writeVarLinks(host: Host, path: string, links: VarLinks): void {
  const plain = Object.fromEntries([...links].map(([name, target]) => [name, target]));
  writeFileDurable(host.sys, path, `${JSON.stringify({ version: VERSION, links: plain })}\n`);
}

interface Removal {
  /** The shared /var. */
  readonly path: string;
  /** What is to be there, as a tree. */
  readonly seed: Directory;
}

/** Takes away the links whose files the image lacks, and the directories which that empties. */
export function removeStaleLinks(
  host: Host,
  removal: Removal,
  links: { known: VarLinks; wanted: VarLinks },
): void {
  for (const [name, target] of links.known) {
    if (links.wanted.get(name) === target) continue;
    const live = livePath(host, removal.path, name);
    if (live === undefined || kindOf(host, live) !== S_IFLNK || host.sys.readlink(live) !== target) continue;
    host.sys.unlink(live);
    removeEmptied(host, removal, name);
  }
}

/**
 * Takes away files that an earlier version copied from images into the shared /var, where they are still what an image has: these
 * are the image's own by now. `earlier` are images that were deployed.
 */
export function removeCopies(
  host: Host,
  store: Store,
  removal: Removal & { readonly earlier: readonly Tree[] },
): void {
  for (const tree of removal.earlier)
    for (const { to, which } of OWNED) {
      const directory = which === 'all' ? lookupDirectory(tree, fromText(to)) : undefined;
      for (const { path, node } of directory === undefined ? [] : walk(directory)) {
        const name = `${to.slice(VAR.length)}${path}` as ByteString;
        if (node.kind === 'directory' || lookup(removal.seed, name)?.kind === node.kind) continue;
        const live = livePath(host, removal.path, name);
        if (live === undefined || !isSame(host, store, live, node)) continue;
        host.sys.unlink(live);
        removeEmptied(host, removal, name);
      }
    }
}

function isSame(host: Host, store: Store, live: Buffer, node: Node): boolean {
  const kind = kindOf(host, live);
  if (node.kind === 'symlink') return kind === S_IFLNK && host.sys.readlink(live) === node.target;
  if (node.kind !== 'file' || kind !== S_IFREG || host.sys.lstat(live).size !== node.size) return false;
  return host.sys.readFile(live).equals(readContent(store, node));
}

/** Removes the directories above a name that hold nothing and that the image lacks. */
function removeEmptied(host: Host, { path, seed }: Removal, name: ByteString): void {
  for (let names = components(name).slice(0, -1); names.length > 1; names = names.slice(0, -1)) {
    const above = `/${names.join('/')}` as ByteString;
    const live = toBuffer(`${fromText(path)}${above}` as ByteString);
    if (lookup(seed, above) !== undefined || host.sys.readdir(live).length > 0) return;
    host.sys.rmdir(live);
  }
}

/** A path of the shared /var; undefined where a link or a file stands in the place of a directory above it. */
function livePath(host: Host, path: string, name: ByteString): Buffer | undefined {
  let here = fromText(path);
  for (const step of components(name)) {
    if (!isDirectory(host.sys, toBuffer(here))) return undefined;
    here = `${here}/${step}` as ByteString;
  }
  const live = toBuffer(here);
  return host.sys.lstatIfExists(live) === undefined ? undefined : live;
}

function kindOf(host: Host, path: Buffer): number {
  return host.sys.lstat(path).mode & S_IFMT;
}
