import { AptLayerError } from '../errors/index.ts';
import type { DigestAlgorithm } from '../formats/verity/index.ts';
import {
  ensureDirectory,
  readFileIfExists,
  syncDirectory,
  syncFileSystem,
  temporaryBeside,
  writeFileDurable,
} from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { Sys } from '../sys/index.ts';
import type { Transaction } from '../transaction/index.ts';
import { parseMeta, serializeMeta } from './meta.ts';

/**
 * A composefs repository, laid out as composefs-rs has it:
 *
 *     meta.json                 version, digest algorithm, feature sets
 *     objects/ab/cdef...        file contents and images, mode 0644, named by their own fs-verity digest
 *     images/DIGEST             -> ../objects/ab/cdef...: objects that may be mounted
 *     images/refs/NAME...       -> ../../images/DIGEST: the roots of collection
 *     streams/refs/             for OCI layers
 *
 * Objects never change. Nothing syncs them one by one: `setRef`, which makes them reachable, syncs the file system
 * first. What no ref reaches is litter, which `prune` removes.
 */
export interface Store {
  readonly host: Host;
  /** Absolute path of the repository. */
  readonly root: string;
  readonly algorithm: DigestAlgorithm;
}

/**
 * A store that was checked to be one we may write to; every function that changes it asks for this type. The program gets one from a
 * transaction only (`writableStore`).
 */
export interface WritableStore extends Store {
  /** Whether its file system has fs-verity, found out by trying. */
  readonly verity: boolean;
}

const META_MAX_BYTES = 1024 * 1024;

export function metaPath(root: string): string {
  return `${root}/meta.json`;
}

/** Opens a store for reading. NOT_FOUND when there is none; see parseMeta for the rest. */
export function openStore(host: Host, root: string): Store {
  const meta = readFileIfExists(host.sys, metaPath(root), META_MAX_BYTES);
  if (meta === undefined)
    throw new AptLayerError('NOT_FOUND', `there is no store in ${root}`, {
      hint: 'build or import something first: apt-layer compose tree, apt-layer image import',
    });
  return { host, root, algorithm: parseMeta(meta.toString('utf8'), metaPath(root)).algorithm };
}

/** The directory of the store of a sysroot. */
export function storePath(sysroot: string): string {
  return `${sysroot}/composefs`;
}

/** Opens the store of a sysroot under change for writing, and makes it (with `algorithm`, default sha256) where there is none. */
export function writableStore({ host, sysroot }: Transaction, algorithm?: DigestAlgorithm): WritableStore {
  return ensureStore(host, storePath(sysroot), algorithm);
}

/** The same for a store in any directory. Not offered to the rest of the program, which needs a transaction: for tests. */
export function ensureStore(host: Host, root: string, algorithm: DigestAlgorithm = 'sha256'): WritableStore {
  const { sys } = host;
  const existing = readFileIfExists(sys, metaPath(root), META_MAX_BYTES);
  if (existing === undefined) createStore(sys, root, algorithm);
  const meta =
    existing === undefined
      ? { algorithm, writable: true }
      : parseMeta(existing.toString('utf8'), metaPath(root));
  if (!meta.writable)
    throw new AptLayerError('CONFIG_INVALID', `${root} has features that this program can only read`, {
      hint: 'use the newer program that wrote it',
    });
  return { host, root, algorithm: meta.algorithm, verity: hasVerity(host, root, meta.algorithm) };
}

/** meta.json comes last: a store without it does not exist yet. */
function createStore(sys: Sys, root: string, algorithm: DigestAlgorithm): void {
  ensureDirectory(sys, root, 0o700);
  for (const name of ['objects', 'images', 'images/refs', 'streams', 'streams/refs'])
    ensureDirectory(sys, `${root}/${name}`);
  syncFileSystem(sys, root);
  writeFileDurable(sys, metaPath(root), serializeMeta(algorithm));
  syncDirectory(sys, root);
}

/**
 * Whether files in a directory can be protected by fs-verity, found out with one that does not stay. A kernel's version does not
 * tell: the file system may have been made without the feature.
 */
export function hasVerity({ sys }: Host, directory: string, algorithm: DigestAlgorithm): boolean {
  const path = temporaryBeside(metaPath(directory));
  const writing = sys.create(path, 0o600);
  try {
    sys.close(writing);
    const reading = sys.openRead(path);
    try {
      return sys.enableVerity(reading, algorithm);
    } finally {
      sys.close(reading);
    }
  } finally {
    sys.unlink(path);
  }
}
