import { createHash } from 'node:crypto';
import { type ByteString, toBuffer } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import type { DpkgDatabase, ReadFile } from './dpkg-database.ts';
import type { AssemblyPackage } from './package.ts';
import { excludedPaths } from './special-paths.ts';

export interface InfoFile {
  /** `NAME.list`, `NAME:ARCH.postinst` ... */
  readonly name: string;
  readonly bytes: Buffer;
  readonly mode: number;
}

interface InfoOptions {
  readonly database: DpkgDatabase;
  readonly dropped: ReadonlyMap<string, ReadonlySet<ByteString>>;
  readonly read: ReadFile;
}

/**
 * The files that dpkg keeps of a package in `info/`: its control members as they are but `control`, the list of its
 * paths (also of those that are excluded), and md5sums, which dpkg makes when the package has none. Members with a dot in their name are left out, as by dpkg.
 */
export function infoFiles(one: AssemblyPackage, options: InfoOptions): InfoFile[] {
  const files: InfoFile[] = [];
  const dropped = options.dropped.get(one.infoName) ?? NOTHING;
  const add = (member: string, bytes: Buffer, mode = 0o644) => {
    files.push({ name: `${one.infoName}.${member}`, bytes, mode });
  };
  add('list', listOf(one, dropped));
  for (const [member, { bytes, mode }] of one.image.control)
    if (/^[^./]+$/.test(member) && member !== 'control' && member !== 'list')
      add(member, bytes, mode & 0o7777);
  if (!one.image.control.has('md5sums')) add('md5sums', md5sumsOf(one, dropped, options));
  return files;
}

const NOTHING: ReadonlySet<ByteString> = new Set();

/** In the order of the archive; the root is `/.`. Names as packed: neither diverted nor `.dpkg-new`. */
function listOf(one: AssemblyPackage, dropped: ReadonlySet<ByteString>): Buffer {
  const lines: string[] = [];
  for (const { path } of one.image.entries) if (!dropped.has(path)) lines.push(path === '' ? '/.' : path);
  return Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`, 'latin1');
}

/** Of all regular files that are unpacked, conffiles too, as dpkg makes it; without the leading slash. It may be empty. */
function md5sumsOf(
  one: AssemblyPackage,
  dropped: ReadonlySet<ByteString>,
  { read, database }: InfoOptions,
): Buffer {
  const excluded = new Set(excludedPaths(one, database));
  let text = '';
  for (const { path } of one.image.entries) {
    if (dropped.has(path) || excluded.has(path)) continue;
    const node = lookup(one.image.data, path);
    if (node?.kind !== 'file') continue;
    text += `${createHash('md5').update(read(node)).digest('hex')}  ${path.slice(1)}\n`;
  }
  return toBuffer(text as ByteString);
}
