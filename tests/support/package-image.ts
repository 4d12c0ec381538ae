import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { type ByteString, fromText, joinPath } from '../../src/formats/bytes/index.ts';
import { parseTar, type TarEntry } from '../../src/formats/tar/index.ts';
import { type Content, type Directory, type Leaf, lookup, type Node } from '../../src/formats/tree/index.ts';
import type { ControlMember, PackageEntry, PackageImage } from '../../src/layer/package/model.ts';

const MAX_BYTES = 1024 * 1024 * 1024;

/** Reads a .deb with dpkg-deb, independently of the product's own import. `put` stores contents over 64 bytes. */
export function readDeb(deb: string, put: (bytes: Buffer) => string): PackageImage {
  const run = (option: string) => execFileSync('dpkg-deb', [option, deb], { maxBuffer: MAX_BYTES });
  const control = new Map<string, ControlMember>();
  for (const { entry, body } of parseTar(run('--ctrl-tarfile')))
    if (entry.type === 'file') control.set(entry.path, { bytes: Buffer.from(body), mode: entry.mode });
  const data: Directory = {
    kind: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime: 0,
    mtimeNsec: 0,
    xattrs: undefined,
    entries: new Map(),
  };
  const entries: PackageEntry[] = [];
  for (const { entry, body } of parseTar(run('--fsys-tarfile'))) {
    addEntry(data, entry, contentOf(body, put));
    const path = entry.path === '' ? entry.path : joinPath(fromText(''), entry.path);
    const isOther = (name: ByteString) => name !== '' && name !== 'root';
    entries.push({
      path,
      ...(isOther(entry.uname) && { user: entry.uname }),
      ...(isOther(entry.gname) && { group: entry.gname }),
    });
  }
  const sha256 = createHash('sha256').update(fs.readFileSync(deb)).digest('hex');
  return { sha256, image: sha256, data, control, entries };
}

function contentOf(body: Buffer, put: (bytes: Buffer) => string): Content {
  return body.length <= 64
    ? { kind: 'inline', bytes: Buffer.from(body) }
    : { kind: 'object', digest: put(Buffer.from(body)) };
}

function addEntry(data: Directory, entry: TarEntry, content: Content): void {
  const slash = entry.path.lastIndexOf('/');
  const name = entry.path.slice(slash + 1) as ByteString;
  const { mode, uid, gid, mtime } = entry;
  const metadata = { mode, uid, gid, mtime, mtimeNsec: 0, xattrs: undefined };
  if (name === '') {
    Object.assign(data, metadata);
    return;
  }
  const parent = lookup(data, entry.path.slice(0, Math.max(slash, 0)) as ByteString);
  if (parent?.kind !== 'directory') throw new Error(`${entry.path} has no directory in the archive`);
  const node = (): Node => {
    switch (entry.type) {
      case 'directory':
        return { ...metadata, kind: 'directory', entries: new Map() };
      case 'file':
        return { ...metadata, kind: 'file', size: entry.size, content, nlink: 1 };
      case 'symlink':
        return { ...metadata, kind: 'symlink', target: entry.linkTarget, nlink: 1 };
      case 'hardlink': {
        const first = lookup(
          data,
          joinPath(fromText(''), entry.linkTarget.replace(/^\.\//, '') as ByteString),
        );
        (first as Leaf).nlink += 1;
        return first as Leaf;
      }
      default:
        return { ...metadata, kind: entry.type, rdev: entry.rdev, nlink: 1 };
    }
  };
  parent.entries.set(name, node());
}
