import fs from 'node:fs';
import { type ByteString, toText } from '../../src/formats/bytes/index.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../src/formats/tree/index.ts';
import { createSys } from '../../src/sys/index.ts';
import { contentDetail, describeEntry, octal, xattrText } from '../support/entry-text.ts';
import type { TreeEntry } from '../support/tree-listing.ts';
import { type AccountNames, ownerByName } from './accounts.ts';
import { type Difference, type DifferenceClass, differenceOf } from './difference.ts';
import { type RecordEntries, recordParser } from './records.ts';
import { sameContent } from './same-content.ts';

interface Sides<T> {
  readonly theirs: T;
  readonly ours: T;
}

interface EntryOptions {
  readonly names: Sides<AccountNames>;
  readonly times: boolean;
}

const sys = createSys();

/** Everything in which two entries of one path differ. Contents are read only where they can be equal or are to be shown. */
export function compareEntry(path: ByteString, pair: Sides<TreeEntry>, options: EntryOptions): Difference[] {
  const shown = toText(path);
  const found: Difference[] = [];
  const differ = (kind: DifferenceClass, of: (entry: TreeEntry) => string) => {
    const sides = { theirs: of(pair.theirs), ours: of(pair.ours) };
    if (sides.theirs !== sides.ours) found.push(differenceOf(kind, shown, sides));
  };
  const type = pair.theirs.stat.mode & S_IFMT;
  if (type !== (pair.ours.stat.mode & S_IFMT)) {
    differ('type', describeEntry);
    return found;
  }
  if (type !== S_IFLNK) differ('mode', ({ stat }) => octal(stat.mode));
  found.push(...compareOwners(shown, pair, options.names));
  differ('xattrs', entry => xattrText(entry));
  // A directory gets the time of its last change, which is when apt-get ran.
  if (options.times && type !== S_IFDIR) differ('times', ({ stat }) => String(stat.mtime));
  if (type === S_IFLNK)
    differ(path.startsWith('/etc/alternatives/') ? 'alternatives' : 'symlink target', ({ file }) =>
      toText(sys.readlink(file)),
    );
  else if (type === S_IFCHR || type === S_IFBLK) differ('device', ({ stat }) => String(stat.rdev));
  else if (type === S_IFREG) found.push(...compareContents(path, pair, options));
  return found;
}

function compareOwners(path: string, pair: Sides<TreeEntry>, names: EntryOptions['names']): Difference[] {
  const { theirs, ours } = { theirs: pair.theirs.stat, ours: pair.ours.stat };
  if (theirs.uid === ours.uid && theirs.gid === ours.gid) return [];
  const byName = { theirs: ownerByName(theirs, names.theirs), ours: ownerByName(ours, names.ours) };
  const kind = byName.theirs === byName.ours ? 'ids' : 'owner';
  const text = (side: keyof typeof byName, { uid, gid }: { uid: number; gid: number }) =>
    `${uid}:${gid} (${byName[side]})`;
  return [differenceOf(kind, path, { theirs: text('theirs', theirs), ours: text('ours', ours) })];
}

function compareContents(path: ByteString, pair: Sides<TreeEntry>, options: EntryOptions): Difference[] {
  const { theirs, ours } = pair;
  if (theirs.stat.size === ours.stat.size && sameContent(theirs.file, ours.file)) return [];
  const parse = recordParser(path);
  if (parse !== undefined) {
    const read = (side: 'theirs' | 'ours') =>
      parse(fs.readFileSync(pair[side].file, 'latin1'), options.names[side]);
    return compareRecords(toText(path), { theirs: read('theirs'), ours: read('ours') });
  }
  const kind = path.startsWith('/var/lib/dpkg/alternatives/')
    ? 'alternatives'
    : path.startsWith('/var/lib/dpkg/info/')
      ? 'info files'
      : 'content';
  return [{ class: kind, path: toText(path), detail: contentDetail(pair.theirs, pair.ours) }];
}

function compareRecords(path: string, { theirs, ours }: Sides<RecordEntries>): Difference[] {
  const found: Difference[] = [];
  for (const name of new Set([...theirs.keys(), ...ours.keys()])) {
    const [left, right] = [theirs.get(name), ours.get(name)];
    const kind = left?.class ?? right?.class;
    if (kind === undefined || left?.value === right?.value) continue;
    const sides = { theirs: left?.value ?? 'nothing', ours: right?.value ?? 'nothing' };
    found.push({ class: kind, path, detail: `${name}: ${sides.theirs} -> ${sides.ours}` });
  }
  return found;
}
