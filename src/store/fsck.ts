import { AptLayerError } from '../errors/index.ts';
import { fromText, toText } from '../formats/bytes/index.ts';
import { S_IFLNK, S_IFMT, walk } from '../formats/tree/index.ts';
import { objectPath } from '../formats/verity/index.ts';
import { step } from '../report/index.ts';
import { imageFile, listImages, readImageObject } from './images.ts';
import { OBJECT_MODE } from './object-file.ts';
import { listObjects, objectFile } from './objects.ts';
import { ingestPool } from './pool.ts';
import { listRefs } from './refs.ts';
import type { Store } from './store.ts';

/** One thing that is wrong with a store. */
export interface Finding {
  readonly kind:
    | 'object-damaged'
    | 'object-missing'
    | 'object-size'
    | 'object-mode'
    | 'image-unreadable'
    | 'image-link'
    | 'state'
    | 'stray-file';
  /** Digest of the object or image, name of the ref, or path of the file. */
  readonly name: string;
  readonly text: string;
  /** Refs of images that need it. */
  readonly usedBy: readonly string[];
}

export interface FsckResult {
  readonly objects: number;
  readonly images: number;
  readonly refs: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

/** Reads every byte of a store and compares all of it with what its names say. Changes nothing. */
export async function fsck(store: Store): Promise<FsckResult> {
  const { digests, strangers } = listObjects(store);
  const sizes = new Map(digests.map(digest => [digest, store.host.sys.lstat(objectFile(store, digest))]));
  const needed = neededObjects(store);
  const { report } = store.host;
  const damaged = await step(report, 'fsck', `Checking ${digests.length} objects`, () =>
    damagedObjects(store, sizes),
  );
  const usedBy = (digest: string) => [...(needed.users.get(digest) ?? [])].sort();
  const findings: Finding[] = [
    ...needed.findings,
    ...strangers.map(
      (path): Finding => ({ kind: 'stray-file', name: path, text: `${path} is not an object`, usedBy: [] }),
    ),
    ...damaged.map(
      ({ digest, actual }): Finding => ({
        kind: 'object-damaged',
        name: digest,
        text: `object ${digest} has other content: digest ${actual}`,
        usedBy: usedBy(digest),
      }),
    ),
  ];
  for (const [digest, stat] of sizes)
    if ((stat.mode & 0o7777) !== OBJECT_MODE)
      findings.push({
        kind: 'object-mode',
        name: digest,
        text: `object ${digest} has the mode ${(stat.mode & 0o7777).toString(8)} instead of 644`,
        usedBy: usedBy(digest),
      });
  for (const [digest, size] of needed.sizes) {
    const found = sizes.get(digest);
    if (found === undefined)
      findings.push({
        kind: 'object-missing',
        name: digest,
        text: `object ${digest} is missing`,
        usedBy: usedBy(digest),
      });
    else if (size !== undefined && found.size !== size)
      findings.push({
        kind: 'object-size',
        name: digest,
        text: `object ${digest} has ${found.size} bytes; images say ${size}`,
        usedBy: usedBy(digest),
      });
  }
  const bytes = [...sizes.values()].reduce((sum, stat) => sum + stat.size, 0);
  return { objects: digests.length, images: needed.images, refs: needed.refs, bytes, findings };
}

async function damagedObjects(store: Store, sizes: ReadonlyMap<string, { size: number }>) {
  const damaged: { digest: string; actual: string }[] = [];
  const total = [...sizes.values()].reduce((sum, { size }) => sum + size, 0);
  // Measured only, so that it does not matter whether there is fs-verity.
  const pool = ingestPool({ ...store, verity: false }, done =>
    store.host.report.emit({ type: 'progress', task: 'fsck', done: Math.min(done, total), total }),
  );
  for (const [digest, { size }] of sizes)
    pool.add({ path: fromText(objectFile(store, digest)), size, mode: 'measure' }, actual => {
      if (actual !== digest) damaged.push({ digest, actual });
    });
  await pool.finish();
  return damaged;
}

interface Needed {
  readonly findings: Finding[];
  /** Sizes that images say objects have; undefined for the images themselves. */
  readonly sizes: Map<string, number | undefined>;
  /** Names of refs by digest of an object. */
  readonly users: Map<string, Set<string>>;
  readonly images: number;
  readonly refs: number;
}

function neededObjects(store: Store): Needed {
  const needed: Omit<Needed, 'images' | 'refs'> = { findings: [], sizes: new Map(), users: new Map() };
  const refs = listRefs(store);
  const images = new Set([...listImages(store), ...refs.map(ref => ref.image)]);
  for (const image of images) {
    const users = refs.filter(ref => ref.image === image).map(ref => ref.name);
    addImage(store, needed, { image, users });
  }
  return { ...needed, images: images.size, refs: refs.length };
}

function addImage(
  store: Store,
  needed: Omit<Needed, 'images' | 'refs'>,
  found: { image: string; users: string[] },
): void {
  const { image, users } = found;
  const note = (digest: string, size: number | undefined) => {
    needed.sizes.set(digest, needed.sizes.get(digest) ?? size);
    const known = needed.users.get(digest) ?? new Set();
    for (const user of users) known.add(user);
    needed.users.set(digest, known);
  };
  note(image, undefined);
  const wrong = linkProblem(store, image);
  if (wrong !== undefined)
    needed.findings.push({
      kind: 'image-link',
      name: image,
      text: `images/${image} ${wrong}`,
      usedBy: users,
    });
  try {
    for (const { node } of walk(readImageObject(store, image)))
      if (node.kind === 'file' && node.content.kind === 'object') note(node.content.digest, node.size);
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    needed.findings.push({ kind: 'image-unreadable', name: image, text: error.message, usedBy: users });
  }
}

/** What is mounted is what the link says, whatever its name: it must lead to the object of that name. */
function linkProblem(store: Store, image: string): string | undefined {
  const { sys } = store.host;
  const path = imageFile(store, image);
  const stat = sys.lstatIfExists(path);
  if (stat === undefined) return 'is missing';
  if ((stat.mode & S_IFMT) !== S_IFLNK) return 'is no symbolic link';
  const target = toText(sys.readlink(path));
  return target === `../objects/${objectPath(image)}` ? undefined : `points at ${JSON.stringify(target)}`;
}
