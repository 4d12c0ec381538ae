import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { toText } from '../../src/formats/bytes/index.ts';
import { createSys } from '../../src/sys/index.ts';
import type { TreeEntry } from './tree-listing.ts';

const sys = createSys();

/** Type, mode and owner, for what only one side has. */
export function describeEntry({ stat }: TreeEntry): string {
  return `${TYPES[(stat.mode >> 12).toString(8)]} ${octal(stat.mode)} ${stat.uid}:${stat.gid}`;
}

const SHOWN_BYTES_MAX = 1024 * 1024;
const SHOWN_LINES = 3;

/** Sizes and digests, or for small texts the lines that only one side has. */
export function contentDetail(expected: TreeEntry, actual: TreeEntry): string {
  const entries = [expected, actual];
  if (entries.some(({ stat }) => stat.size > SHOWN_BYTES_MAX))
    return entries.map(({ stat }) => `${stat.size} bytes`).join(' -> ');
  const sides = entries.map(({ file }) => fs.readFileSync(file));
  if (sides.some(bytes => bytes.includes(0)))
    return sides
      .map(bytes => `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`)
      .join(' -> ');
  const [a = [], b = []] = sides.map(bytes => bytes.toString('latin1').split('\n'));
  const only = (sign: string, lines: string[], than: string[]) => {
    const known = new Set(than);
    return lines.filter(line => !known.has(line)).map(line => `${sign}${line}`);
  };
  const changed = [...only('-', a, b), ...only('+', b, a)];
  if (changed.length === 0) return 'the same lines in another order or number';
  const more = changed.length > SHOWN_LINES ? ` (${changed.length} lines in all)` : '';
  return `${changed.slice(0, SHOWN_LINES).join(' | ')}${more}`;
}

/** The extended attributes of a file that `wanted` names, by name. */
export function xattrText(
  { file }: TreeEntry,
  wanted: (name: string) => boolean = name => !name.startsWith('trusted.overlay.'),
): string {
  return [...(sys.xattrs(file) ?? [])]
    .filter(([name]) => wanted(name))
    .map(([name, value]) => `${toText(name)}=${toText(value)}`)
    .sort()
    .join(' ');
}

const TYPES: Readonly<Record<string, string>> = {
  '14': 'socket',
  '12': 'symlink',
  '10': 'file',
  '6': 'block device',
  '4': 'directory',
  '2': 'character device',
  '1': 'fifo',
};

/** Permission bits. */
export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
