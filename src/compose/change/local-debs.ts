import { posix } from 'node:path';
import { hashOpenFile } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { packageIn } from '../../layer/index.ts';
import { type Lock, lockedAt } from '../lock/index.ts';
import { isDebRequest, parsePackageRequest, parseSpec, type SpecEdit } from '../spec/index.ts';

/** Edits as the package files in them are meant, and the lock without what these replace. */
export interface SettledEdits {
  readonly edits: readonly SpecEdit[];
  readonly lock: Lock;
  /** A file that the spec has already holds another package by now. */
  readonly isRebuilt: boolean;
}

interface Settling {
  readonly host: Host;
  /** Paths of the files that the spec has. */
  readonly files: readonly string[];
  readonly named: ReadonlySet<string>;
  readonly lock: Lock;
  readonly baseDirectory: string;
  /** Files whose package is taken anew. */
  readonly fresh: Set<string>;
  /** Packages that go with them. */
  readonly replaced: Set<string>;
}

/**
 * Reads which packages the files in edits are. A file takes the place of another one with the same package; a file that the spec has, with other
 * bytes than when it was layered, is taken anew; and a file can be named by its package, or a package by its file.
 */
export function settleFiles(
  host: Host,
  origin: { readonly specText: string; readonly lock: Lock },
  edits: readonly SpecEdit[],
): SettledEdits {
  const { layers } = parseSpec(origin.specText, 'the spec before');
  const settling: Settling = {
    host,
    files: layers.flatMap(request => (request.kind === 'file' ? [request.path] : [])),
    named: new Set(layers.flatMap(request => (isDebRequest(request) ? [] : [request.name]))),
    lock: origin.lock,
    baseDirectory: edits.find(edit => edit.kind === 'resolve-paths')?.baseDirectory ?? process.cwd(),
    fresh: new Set(),
    replaced: new Set(),
  };
  const settled = edits.flatMap(edit => settle(settling, edit));
  const { fresh, replaced } = settling;
  const { packages, inputs } = origin.lock;
  const lock: Lock = {
    ...origin.lock,
    packages: packages.filter(one => !replaced.has(one.name)),
    ...(inputs === undefined
      ? {}
      : { inputs: Object.fromEntries(Object.entries(inputs).filter(([path]) => !fresh.has(path))) }),
  };
  return { edits: settled, lock, isRebuilt: fresh.size > 0 };
}

function settle(settling: Settling, edit: SpecEdit): SpecEdit[] {
  switch (edit.kind) {
    case 'add-layers':
      return [...replacing(settling, edit.requests), edit];
    case 'remove-layers':
      return [{ ...edit, requests: edit.requests.flatMap(text => filesOf(settling, text) ?? [text]) }];
    case 'set-script-mode':
    case 'set-metadata': {
      const [file, ...others] = edit.package === undefined ? [] : (filesOf(settling, edit.package) ?? []);
      return file === undefined || others.length > 0 ? [edit] : [{ ...edit, package: file }];
    }
    default:
      return [edit];
  }
}

/** Takes out the files whose package comes from another file now. */
function replacing(settling: Settling, requests: readonly string[]): SpecEdit[] {
  const { host, files, lock, fresh, replaced } = settling;
  const gone: string[] = [];
  for (const text of requests) {
    const path = pathOf(settling, text);
    if (path === undefined) continue;
    const { name } = packageIn(host.sys, path);
    const before = lockedAt(lock, path);
    if (files.includes(path) && before !== undefined) {
      if (hashOf(host, path) === before.sha256) continue;
      fresh.add(path);
      replaced.add(before.name);
    }
    replaced.add(name);
    gone.push(...files.filter(other => other !== path && nameAt(settling, other) === name));
  }
  return gone.length === 0 ? [] : [{ kind: 'remove-layers', requests: [...new Set(gone)] }];
}

/** The files of the spec that a request means: by their path, by a file with the same package, or by the package's name. */
function filesOf(settling: Settling, text: string): string[] | undefined {
  const { host, files, named } = settling;
  const path = pathOf(settling, text);
  if (path !== undefined) {
    if (files.includes(path)) return [path];
    if (host.sys.lstatIfExists(path) === undefined) return [path];
    const { name } = packageIn(host.sys, path);
    const same = files.filter(other => nameAt(settling, other) === name);
    if (same.length > 0) return same;
    return named.has(name) ? [name] : [path];
  }
  const request = parsePackageRequest(text);
  if (request.kind !== 'name' || named.has(request.name)) return undefined;
  const same = files.filter(file => nameAt(settling, file) === request.name);
  return same.length === 0 ? undefined : same;
}

function pathOf({ baseDirectory }: Settling, text: string): string | undefined {
  const request = parsePackageRequest(text);
  return request.kind === 'file' ? posix.resolve(baseDirectory, request.path) : undefined;
}

/** The package that a file was when it was layered, or is. */
function nameAt({ host, lock }: Settling, path: string): string | undefined {
  const locked = lockedAt(lock, path);
  if (locked !== undefined) return locked.name;
  return host.sys.lstatIfExists(path) === undefined ? undefined : packageIn(host.sys, path).name;
}

function hashOf({ sys }: Host, path: string): string {
  const fd = sys.openFollowing(path);
  try {
    return hashOpenFile(sys, fd);
  } finally {
    sys.close(fd);
  }
}
