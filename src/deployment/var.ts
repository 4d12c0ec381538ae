import { AptLayerError } from '../errors/index.ts';
import { type ByteString, fromText, toBuffer, toPath } from '../formats/bytes/index.ts';
import { type Directory, type Node, S_IFDIR, S_IFMT, type Tree } from '../formats/tree/index.ts';
import { ensureDirectory, removeTree, temporaryBeside } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import { checkout, readImage, type Store } from '../store/index.ts';
import { statePaths } from '../transaction/index.ts';
import { readDeployments } from './list.ts';
import { readVarLinks, removeCopies, removeStaleLinks, varLinks, writeVarLinks } from './var-links.ts';
import { type MissingPart, missingParts, seedOf } from './var-plan.ts';

/**
 * Gives the shared /var of a name what it lacks of the image's /var. What is there already stays as it is, whatever the
 * image says; links to files that images have in directories of the machine go where this image lacks the file. Each part is written aside and appears in one rename; killed in between, the next call does the rest.
 */
export async function seedVar(
  host: Host,
  store: Store,
  image: { readonly tree: Tree; readonly sysroot: string; readonly name: string },
): Promise<void> {
  const { names } = statePaths(image.sysroot);
  // Set-uid programs and device nodes of an image are for the machine that boots it, and for nobody who may log in here.
  ensureDirectory(host.sys, names, 0o700);
  const path = `${names}/${image.name}/var`;
  const seed = seedOf(image.tree);
  withdrawLinks(host, store, { ...image, path, seed });
  const shared = fromText(path);
  const missing = missingParts(seed, path => kindOf(host, `${shared}${path}` as ByteString));
  if (missing.length === 0) return;
  ensureDirectory(host.sys, path.slice(0, path.lastIndexOf('/')));
  const aside = temporaryBeside(path);
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

/** Takes away what an earlier deployment has in directories of the machine and this one lacks, and records the links to come. */
function withdrawLinks(
  host: Host,
  store: Store,
  image: {
    readonly tree: Tree;
    readonly sysroot: string;
    readonly name: string;
    readonly path: string;
    readonly seed: Directory;
  },
): void {
  const { path, seed } = image;
  const record = `${path.slice(0, path.lastIndexOf('/'))}/links.json`;
  const wanted = varLinks(image.tree);
  let known = readVarLinks(host, record);
  if (known === undefined) {
    const earlier = host.sys.lstatIfExists(path) === undefined ? [] : earlierImages(host, store, image);
    removeCopies(host, store, { path, seed, earlier });
    known = new Map(earlier.flatMap(tree => [...varLinks(tree)]));
  }
  removeStaleLinks(host, { path, seed }, { known, wanted });
  const isRecorded = [...wanted].every(([name, target]) => known.get(name) === target);
  if (isRecorded) return;
  ensureDirectory(host.sys, path.slice(0, path.lastIndexOf('/')));
  writeVarLinks(host, record, new Map([...known, ...wanted]));
}

/** The images of the deployments of a name that can be read. */
function earlierImages(
  host: Host,
  store: Store,
  { sysroot, name }: { sysroot: string; name: string },
): Tree[] {
  const images = new Set(
    readDeployments({ host, sysroot }).deployments.flatMap(one => (one.name === name ? [one.image] : [])),
  );
  return [...images].flatMap(digest => {
    try {
      return [readImage(store, digest)];
    } catch (error) {
      if (!(error instanceof AptLayerError)) throw error;
      log(host.report, 'warning', `${digest} cannot be read: ${error.message}`);
      return [];
    }
  });
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
