import { posix } from 'node:path';
import { INPUT_REFS } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { fromText, joinPath, toPath, toText } from '../../formats/bytes/index.ts';
import { S_IFDIR, S_IFMT, type Tree, withNode } from '../../formats/tree/index.ts';
import { ensureDirectory, readFileBytes } from '../../fs/index.ts';
import { type BuildContext, imageOf, placeFile } from '../../layer/index.ts';
import { checkout, findRef, importDirectory, readImage, setRefs } from '../../store/index.ts';
import type { Lock } from '../lock/index.ts';
import { inputFiles, mapPaths, type Spec } from '../spec/index.ts';
import { INPUT_FILE_MAX_BYTES } from './input-digest.ts';

/** A spec whose paths all lead to something. */
export interface AvailableSpec {
  readonly spec: Spec;
  /** The path that the spec itself has for one of them. */
  originOf(path: string): string;
}

/**
 * Finds what a spec reads: what `lock` knows comes from the store as it was then, whatever its path leads to by now (nothing, or what anybody
 * may have put there); the rest is read on this machine. Throws NOT_FOUND for what is neither here nor there.
 */
export async function withKeptInputs(
  context: BuildContext,
  wanted: Spec,
  lock: Lock | undefined,
): Promise<AvailableSpec> {
  const { sys } = context.host;
  const places = new Map<string, string>();
  for (const path of inputFiles(wanted)) {
    const digest = lock?.inputs?.[path];
    const image = digest === undefined ? undefined : findRef(context.store, `${INPUT_REFS}${digest}`);
    if (digest === undefined || image === undefined) {
      if (sys.lstatIfExists(path) === undefined) throw missing(path);
      continue;
    }
    places.set(path, await materialise(context, { image, serial: places.size, name: posix.basename(path) }));
  }
  const origins = new Map([...places].map(([origin, place]) => [place, origin]));
  return {
    spec: places.size === 0 ? wanted : mapPaths(wanted, path => places.get(path) ?? path),
    originOf: path => origins.get(path) ?? path,
  };
}

/** Keeps inputs in the store, each content once, with one sync. `digests`: by path. */
export async function keepInputs(context: BuildContext, digests: ReadonlyMap<string, string>): Promise<void> {
  const { store } = context;
  const refs = new Map<string, string>();
  for (const [path, digest] of digests) {
    const name = `${INPUT_REFS}${digest}`;
    if (refs.has(name) || findRef(store, name) !== undefined) continue;
    refs.set(name, imageOf(context, await treeOf(context, path)).digest);
  }
  if (refs.size > 0)
    setRefs(
      store,
      [...refs].map(([name, image]) => ({ name, image })),
    );
}

/** A tree that has a copy of the file or directory under its name. */
async function treeOf(context: BuildContext, path: string): Promise<Tree> {
  const { store } = context;
  const { sys } = store.host;
  const metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };
  const empty: Tree = { ...metadata, kind: 'directory', entries: new Map() };
  const name = posix.basename(path);
  if ((sys.lstat(path).mode & S_IFMT) === S_IFDIR)
    return withNode(empty, fromText(`/${name}`), await importDirectory(store, path, { mode: 'copy' }));
  const bytes = readFileBytes(sys, path, INPUT_FILE_MAX_BYTES);
  return placeFile(store, empty, { path: `/${name}`, bytes, mode: sys.lstat(path).mode & 0o7777 });
}

/**
 * Each input has a directory of its own, in which it has the name that the spec gives it: what is kept once for its content may have been stored
 * under the name of another.
 */
async function materialise(
  { host, store, workDirectory }: BuildContext,
  { image, serial, name }: { image: string; serial: number; name: string },
): Promise<string> {
  const { sys } = host;
  const parent = `${workDirectory}/inputs`;
  const directory = `${parent}/${serial}`;
  ensureDirectory(sys, parent, 0o700);
  await checkout(store, readImage(store, image), directory);
  const [stored] = sys.readdir(directory);
  if (stored === undefined) throw new Error(`nothing is kept in ${image}`);
  if (toText(stored) !== name)
    sys.rename(toPath(joinPath(fromText(directory), stored)), `${directory}/${name}`);
  return `${directory}/${name}`;
}

function missing(path: string): AptLayerError {
  return new AptLayerError('NOT_FOUND', `${path}, which the spec names, is not there`, {
    hint: 'put it back, or take it out of the spec: `apt-layer unlayer` for a package file',
    details: { path },
  });
}
