import { type ByteString, fromText, toBuffer, toPath } from '../formats/bytes/index.ts';
import { type Directory, type Node, S_IFDIR, S_IFMT, type Tree } from '../formats/tree/index.ts';
import { ensureDirectory, removeTree, temporaryBeside } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { checkout, type Store } from '../store/index.ts';
import { type MissingPart, missingParts, seedOf } from './var-plan.ts';

/**
 * Gives the shared /var at `path` what it lacks of the image's /var. What is there already stays as it is, whatever the
 * image says. Each part is written aside and appears in one rename; killed in between, the next call does the rest.
 */
export async function seedVar(host: Host, store: Store, image: { tree: Tree; path: string }): Promise<void> {
  const seed = seedOf(image.tree);
  const shared = fromText(image.path);
  const missing = missingParts(seed, path => kindOf(host, `${shared}${path}` as ByteString));
  if (missing.length === 0) return;
  ensureDirectory(host.sys, image.path.slice(0, image.path.lastIndexOf('/')));
  const aside = temporaryBeside(image.path);
  try {
    await checkout(store, collected(seed, missing), aside);
    missing.forEach((part, index) => {
      const target = toPath(`${shared}${part.path}` as ByteString);
      host.sys.renameNoReplace(`${aside}/${index}`, target);
    });
  } finally {
    removeTree(host.sys, aside);
  }
}

function kindOf(host: Host, path: ByteString): 'directory' | 'other' | 'nothing' {
  const stat = host.sys.lstatIfExists(toBuffer(path));
  if (stat === undefined) return 'nothing';
  return (stat.mode & S_IFMT) === S_IFDIR ? 'directory' : 'other';
}

/** One directory with the missing parts by number, so that hard links between them survive. */
function collected(seed: Directory, missing: readonly MissingPart[]): Directory {
  const entries = new Map<ByteString, Node>(missing.map((part, index) => [fromText(`${index}`), part.node]));
  return { ...seed, mode: 0o700, xattrs: undefined, entries };
}
