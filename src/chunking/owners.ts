import type { PackageRecord } from '../apt/index.ts';
import { type ByteString, fromBuffer, fromText } from '../formats/bytes/index.ts';
import {
  type Directory,
  type Leaf,
  lookupDirectory,
  type RegularFile,
  resolveParents,
  type Tree,
} from '../formats/tree/index.ts';
import { restore } from '../layer/index.ts';

const INFO = fromText('/var/lib/dpkg/info');
const LIST = '.list';

/**
 * The source package of each file that dpkg has on its lists. Files that maintainer scripts and builds made have none. `read` gives the
 * contents of files. What two packages list (files of two architectures, or diverted ones) is of the first in byte order.
 */
export function ownersOf(
  tree: Tree,
  records: ReadonlyMap<string, PackageRecord>,
  read: (file: RegularFile) => Buffer,
): Map<Leaf, string> {
  // dpkg's names are those of a plain root; files are the same objects there.
  const plain = restore(tree);
  const owners = new Map<Leaf, string>();
  const sources = sourcesByRecord(records);
  const directoryOf = directoryFinder(plain);
  const info = lookupDirectory(plain, INFO)?.entries ?? new Map<ByteString, never>();
  for (const name of [...info.keys()].sort()) {
    const list = info.get(name);
    const source = name.endsWith(LIST) ? sources.get(name.slice(0, -LIST.length)) : undefined;
    if (source === undefined || list?.kind !== 'file') continue;
    for (const path of fromBuffer(read(list)).split('\n')) {
      const slash = path.lastIndexOf('/');
      if (slash < 0) continue;
      const node = directoryOf(path.slice(0, slash))?.entries.get(path.slice(slash + 1) as ByteString);
      if (node !== undefined && node.kind !== 'directory' && !owners.has(node)) owners.set(node, source);
    }
  }
  return owners;
}

/** By what dpkg calls the records of a package: `NAME`, or `NAME:ARCH` where several may be installed. */
function sourcesByRecord(records: ReadonlyMap<string, PackageRecord>): Map<string, string> {
  const sources = new Map<string, string>();
  for (const { name, architecture, source } of records.values()) {
    sources.set(`${name}:${architecture}`, source);
    if (!sources.has(name)) sources.set(name, source);
  }
  return sources;
}

/** Finds directories by the names that packages have for them: links on the way are followed, each way once. */
function directoryFinder(tree: Tree): (path: string) => Directory | undefined {
  const found = new Map<string, Directory | undefined>();
  return path => {
    if (!found.has(path)) {
      // The last name is not followed, so another one stands behind it.
      const names = resolveParents(tree, `${path}/x` as ByteString).slice(0, -1);
      found.set(path, lookupDirectory(tree, names.join('/') as ByteString));
    }
    return found.get(path);
  };
}
