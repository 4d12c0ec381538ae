import { type ByteString, fromBuffer, toText } from '../bytes/index.ts';
import { AR_HEADER_BYTES, AR_MAGIC, type ArMember, behind, parseArHeader } from './ar.ts';
import { refuse } from './failure.ts';

export type DebCompression = 'none' | 'gzip' | 'xz' | 'zstd' | 'bzip2' | 'lzma';

/** A tar archive in a .deb, as stored: `size` bytes from `offset`. */
export interface DebMember {
  readonly name: string;
  readonly compression: DebCompression;
  readonly offset: number;
  readonly size: number;
}

export interface DebLayout {
  /** Of the format, `2.0` today. Minor versions may add, never change. */
  readonly formatVersion: string;
  readonly control: DebMember;
  readonly data: DebMember;
}

/**
 * Reads `length` bytes at `offset` of the file; fewer only where the file ends. Asked for at most 60 bytes at a time, a few
 * times per file, always inside `fileSize`.
 */
export type ReadAt = (offset: number, length: number) => Buffer;

const VERSION_MEMBER = 'debian-binary';
const VERSION_BYTES_MAX = 60;
/** Members with `_` that may stand between the others: signatures and the like, one or two in practice. */
const IGNORED_MEMBERS_MAX = 64;

const COMPRESSIONS: Readonly<Record<string, DebCompression>> = {
  '': 'none',
  '.gz': 'gzip',
  '.xz': 'xz',
  '.zst': 'zstd',
};
/** Of data only, as dpkg-deb reads it. */
const DATA_COMPRESSIONS: Readonly<Record<string, DebCompression>> = {
  ...COMPRESSIONS,
  '.bz2': 'bzip2',
  '.lzma': 'lzma',
};

/**
 * Where the two archives of a binary package are, by the rules of deb(5): `debian-binary`, then `control.tar`, then
 * `data.tar`, with members whose name begins with `_` ignored between them, and everything behind `data.tar` ignored,
 * as dpkg does. Every size is checked against that of the file. FormatError with the offset otherwise.
 */
export function parseDebLayout(readAt: ReadAt, fileSize: number): DebLayout {
  const magic = read(readAt, { offset: 0, length: AR_MAGIC.length, fileSize });
  if (fromBuffer(magic) !== AR_MAGIC) {
    const isOld = fromBuffer(magic, 0, 5) === '0.939';
    refuse(
      isOld
        ? 'the package format 0.939 (before 1995) is not supported'
        : 'not a Debian package (no ar magic)',
      0,
    );
  }
  const next = memberReader(readAt, fileSize);
  const version = next();
  if (version.name !== VERSION_MEMBER) {
    refuse(
      `the first member is ${toText(version.name)}, not ${VERSION_MEMBER}: not a Debian package`,
      version.offset,
    );
  }
  const formatVersion = parseFormatVersion(readAt, version, fileSize);
  const control = archive(nextNamed(next), 'control.tar');
  const data = archive(nextNamed(next), 'data.tar');
  return { formatVersion, control, data };
}

interface Range {
  readonly offset: number;
  readonly length: number;
  readonly fileSize: number;
}

function read(readAt: ReadAt, { offset, length, fileSize }: Range): Buffer {
  if (offset + length > fileSize) refuse('the package is cut off', fileSize);
  const bytes = readAt(offset, length);
  if (bytes.length !== length) refuse('the package is cut off', offset + bytes.length);
  return bytes;
}

/** Gives one member after another. */
function memberReader(readAt: ReadAt, fileSize: number): () => ArMember {
  let offset = AR_MAGIC.length;
  return () => {
    const member = parseArHeader(read(readAt, { offset, length: AR_HEADER_BYTES, fileSize }), offset);
    if (member.offset + member.size > fileSize) {
      refuse(
        `member ${toText(member.name)} of ${member.size} bytes is longer than the file: cut off?`,
        offset,
      );
    }
    offset = behind(member);
    return member;
  };
}

function nextNamed(next: () => ArMember): ArMember {
  for (let ignored = 0; ; ignored++) {
    const member = next();
    if (!member.name.startsWith('_')) return member;
    if (ignored === IGNORED_MEMBERS_MAX)
      refuse(`more than ${IGNORED_MEMBERS_MAX} members to ignore`, member.offset);
  }
}

function parseFormatVersion(readAt: ReadAt, member: ArMember, fileSize: number): string {
  const { offset, size } = member;
  const length = Math.min(size, VERSION_BYTES_MAX);
  const text = fromBuffer(read(readAt, { offset, length, fileSize }));
  // More lines may follow, and mean nothing yet.
  const match = /^([0-9]{1,9})\.([0-9]{1,9})\n/.exec(text);
  if (match === null) return refuse(`${VERSION_MEMBER} has no format version`, offset);
  const [line, major, minor] = match;
  if (major !== '2') refuse(`the package format ${line.trimEnd()} is not supported`, offset);
  return `${major}.${minor}`;
}

function archive({ name, offset, size }: ArMember, base: 'control.tar' | 'data.tar'): DebMember {
  if (!name.startsWith(base)) refuse(`found member ${toText(name as ByteString)} instead of ${base}`, offset);
  const known = base === 'data.tar' ? DATA_COMPRESSIONS : COMPRESSIONS;
  const suffix = name.slice(base.length);
  const compression = Object.hasOwn(known, suffix) ? known[suffix] : undefined;
  if (compression !== undefined) return { name, compression, offset, size };
  return refuse(
    `found member ${toText(name)} instead of ${base}`,
    offset,
    Object.hasOwn(DATA_COMPRESSIONS, suffix)
      ? 'repack it: `dpkg-deb -R FILE DIR`, then `dpkg-deb -b DIR FILE`'
      : undefined,
  );
}
