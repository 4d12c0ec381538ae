import { errnoOf } from '../../errors/index.ts';
import { type ByteString, fromText, toText } from '../../formats/bytes/index.ts';
import { lookup, resolveParents, type Tree } from '../../formats/tree/index.ts';
import { listDirectory, readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';

const PROC_FILE_MAX_BYTES = 8 * 1024 * 1024;

/**
 * Units with a process that runs a program or maps a library of /usr which the other image has in another version, or not at all. Processes
 * that end meanwhile are skipped; sessions of users are named by their scope.
 */
export function unitsToRestart(host: Host, images: { before: Tree; after: Tree }): string[] {
  const changed = new Map<string, boolean>();
  const isChanged = (path: string): boolean => {
    const known = changed.get(path) ?? digestAt(images.before, path) !== digestAt(images.after, path);
    changed.set(path, known);
    return known;
  };
  const units = new Set<string>();
  for (const name of listDirectory(host.sys, '/proc').map(toText)) {
    if (!/^\d+$/.test(name)) continue;
    const unit = unitOf(read(host, `/proc/${name}/cgroup`));
    if (unit === undefined || units.has(unit)) continue;
    if (mappedFiles(read(host, `/proc/${name}/maps`)).some(isChanged)) units.add(unit);
  }
  return [...units].sort();
}

/** Files below /usr in a `maps` of proc(5). */
export function mappedFiles(maps: string): string[] {
  return [...new Set(maps.match(/\/usr\/[^\n]+$/gm) ?? [])].map(path => path.replace(/ \(deleted\)$/, ''));
}

/** The service or scope in a `cgroup` of proc(5): the last part with such a name. */
export function unitOf(cgroup: string): string | undefined {
  const path = /^0::(.*)$/m.exec(cgroup)?.[1] ?? '';
  return path
    .split('/')
    .reverse()
    .find(part => /\.(service|scope)$/.test(part));
}

function digestAt(tree: Tree, path: string): string | undefined {
  const node = lookup(tree, `/${resolveParents(tree, fromText(path)).join('/')}` as ByteString);
  if (node?.kind !== 'file') return undefined;
  return node.content.kind === 'object' ? node.content.digest : `inline ${node.size}`;
}

function read(host: Host, path: string): string {
  try {
    return readFileIfExists(host.sys, path, PROC_FILE_MAX_BYTES)?.toString('latin1') ?? '';
  } catch (error) {
    // The process is gone (ESRCH), or not ours to look at.
    if (errnoOf(error) === undefined) throw error;
    return '';
  }
}
