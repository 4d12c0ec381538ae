import { dirname } from 'node:path';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import { S_IFDIR, S_IFLNK, S_IFMT } from '../formats/tree/index.ts';
import {
  ensureDirectory,
  isTemporaryName,
  listDirectory,
  replaceSymlink,
  syncDirectory,
  syncFileSystem,
} from '../fs/index.ts';
import type { Store, WritableStore } from './store.ts';

/** A name that keeps an image alive. */
export interface Ref {
  /** Below images/refs: `base/NAME`, `deployment/ID`, `build/KEY`. */
  readonly name: string;
  /** Digest of the image. */
  readonly image: string;
}

/** Bases have names of the user's choice, which may be given without this prefix. */
const BASE = 'base/';
const COMPONENT = /^[A-Za-z0-9_+~@=][A-Za-z0-9._+~:@=-]{0,199}$/;
const DIGEST = /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/;
/** The shortest beginning of a digest that names an image. */
const PREFIX_MIN = 6;

/** Throws USAGE for a name that no ref can have. */
export function assertRefName(name: string): void {
  const parts = name.split('/');
  if (name.length <= 400 && parts.length <= 8 && parts.every(part => COMPONENT.test(part))) return;
  throw new AptLayerError('USAGE', `${JSON.stringify(name)} is not a name for an image`, {
    hint: 'use parts of letters, digits and ._+~:@=- separated by /, such as server/1.0',
  });
}

/** What the program's own refs begin with: a name that begins so would mean one of them. */
const OWN = ['apt', 'base', 'build', 'deb', 'deployment', 'initramfs', 'input', 'kept-base', 'oci'];
/** What a spec can write after local://. */
const USER_NAME = /^[A-Za-z0-9][A-Za-z0-9._+:~-]*(?:\/[A-Za-z0-9][A-Za-z0-9._+:~-]*)*$/;

/**
 * Throws USAGE for a name that a user cannot give to an image: one that no ref can have or no spec can write, that the program gives itself, or
 * that is a digest.
 */
export function assertUserRefName(name: string): void {
  assertRefName(`${BASE}${name}`);
  const [first = '', ...more] = name.split('/');
  const refuse = (what: string) =>
    new AptLayerError('USAGE', `${what}: ${name}`, { hint: 'use another name, such as my/base' });
  if (name === 'apt' || (more.length > 0 && OWN.includes(first)))
    throw refuse(`names that begin with ${first}/ are the program's own`);
  if (!USER_NAME.test(name) || name.length > 255) throw refuse('local:// could not name it in a spec');
  if (DIGEST.test(name)) throw refuse('this is the digest of an image, not a name');
}

/** FAILED for a name that cannot be there beside those that are: of `a` and `a/b` there is one. */
export function assertRefFits(store: Store, name: string): void {
  const { sys } = store.host;
  const parts = name.split('/');
  const isOf = (ref: string, type: number) =>
    ((sys.lstatIfExists(refPath(store, ref))?.mode ?? 0) & S_IFMT) === type;
  const above = parts.map((_, index) => parts.slice(0, index).join('/')).slice(1);
  const taken =
    above.find(ref => isOf(ref, S_IFLNK)) ??
    (isOf(name, S_IFDIR) ? listRefs(store, `${name}/`)[0]?.name : undefined);
  if (taken === undefined) return;
  throw new AptLayerError('FAILED', `an image cannot be called ${name}: there is ${taken}`, {
    hint: 'use another name: of names with / in them, none can be the beginning of another',
  });
}

function refPath(store: Store, name: string): string {
  assertRefName(name);
  return `${store.root}/images/refs/${name}`;
}

/**
 * Points a ref at an image. First the whole file system is synced, so that everything the image names is durable
 * before the name is; then the link changes in one step and its directory is synced.
 */
export function setRef(store: WritableStore, name: string, image: string): void {
  setRefs(store, [{ name, image }]);
}

/** The same for many refs with one sync: each changes in one step, together they do not. */
export function setRefs(store: WritableStore, refs: readonly Ref[]): void {
  const { sys } = store.host;
  const directories = new Set(refs.map(({ name }) => dirname(refPath(store, name))));
  for (const { name } of refs) assertRefFits(store, name);
  for (const directory of directories) ensureDirectory(sys, directory);
  syncFileSystem(sys, store.root);
  // As composefs-rs writes it: up to the root of the repository and down again.
  for (const { name, image } of refs)
    replaceSymlink(sys, `${'../'.repeat(name.split('/').length + 1)}images/${image}`, refPath(store, name));
  for (const directory of directories) syncDirectory(sys, directory);
}

/** Removes a ref, durably. Absence is success. */
export function deleteRef(store: WritableStore, name: string): void {
  const { sys } = store.host;
  const path = refPath(store, name);
  try {
    sys.unlink(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  syncDirectory(sys, dirname(path));
}

/** All refs, or those below a prefix such as `deployment/`, by name. An unreadable directory is an error. */
export function listRefs(store: Store, prefix = ''): Ref[] {
  const found: Ref[] = [];
  collectRefs(store, '', found);
  return found.filter(({ name }) => name.startsWith(prefix));
}

function collectRefs(store: Store, below: string, found: Ref[]): void {
  const { sys } = store.host;
  const directory = `${store.root}/images/refs/${below}`;
  for (const entry of listDirectory(sys, directory)) {
    if (isTemporaryName(entry)) continue;
    const name = `${below}${entry}`;
    const stat = sys.lstat(`${directory}${entry}`);
    if ((stat.mode & S_IFMT) === S_IFDIR) collectRefs(store, `${name}/`, found);
    else if ((stat.mode & S_IFMT) === S_IFLNK) found.push({ name, image: targetOf(store, name) });
    else
      throw new AptLayerError('INTEGRITY', `images/refs/${name} is not a symbolic link`, {
        hint: 'move it out of the store',
      });
  }
}

function targetOf(store: Store, name: string): string {
  const target = store.host.sys.readlink(`${store.root}/images/refs/${name}`);
  const digest = target.slice(target.lastIndexOf('/') + 1);
  if (DIGEST.test(digest)) return digest;
  throw new AptLayerError(
    'INTEGRITY',
    `images/refs/${name} points at ${JSON.stringify(target)}, which is no image`,
    {
      hint: 'remove that link, or set it again',
    },
  );
}

/** The image a ref points at; undefined when there is no such ref. */
export function findRef(store: Store, name: string): string | undefined {
  const stat = store.host.sys.lstatIfExists(refPath(store, name));
  // A directory only holds refs: `base` is none because there is `base/trixie`.
  return stat === undefined || (stat.mode & S_IFMT) === S_IFDIR ? undefined : targetOf(store, name);
}

/**
 * The digest of the image that a user means: a ref (`base/` may be left out), a digest, or a beginning of one with at
 * least six digits. NOT_FOUND lists what there is; a beginning that fits several is an error, too.
 */
export function resolveImage(store: Store, name: string): string {
  if (DIGEST.test(name) && hasImage(store, name)) return name;
  for (const candidate of [name, `${BASE}${name}`]) {
    const image = isRefName(candidate) ? findRef(store, candidate) : undefined;
    if (image !== undefined) return image;
  }
  const matches = name.length >= PREFIX_MIN && /^[0-9a-f]+$/.test(name) ? imagesWithPrefix(store, name) : [];
  if (matches.length === 1 && matches[0] !== undefined) return matches[0];
  if (matches.length > 1)
    throw new AptLayerError('NOT_FOUND', `${name} is the beginning of ${matches.length} image digests`, {
      hint: 'give more digits',
    });
  throw noImage(store, name);
}

function noImage(store: Store, name: string): AptLayerError {
  const bases = listRefs(store, BASE).map(ref => ref.name.slice(BASE.length));
  const known = bases.length === 0 ? 'the store has none yet' : `there are ${bases.slice(0, 10).join(', ')}`;
  return new AptLayerError('NOT_FOUND', `there is no image ${JSON.stringify(name)}: ${known}`, {
    hint: '`apt-layer image ls` lists all of them; `apt-layer image import DIR --ref NAME` makes one',
  });
}

function isRefName(name: string): boolean {
  return name.split('/').every(part => COMPONENT.test(part));
}

/** Whether an image is in the store. */
export function hasImage(store: Store, digest: string): boolean {
  return store.host.sys.lstatIfExists(`${store.root}/images/${digest}`) !== undefined;
}

function imagesWithPrefix(store: Store, prefix: string): string[] {
  return store.host.sys
    .readdir(`${store.root}/images`)
    .filter(name => DIGEST.test(name) && name.startsWith(prefix));
}
