import { type ByteString, fromBuffer, toBuffer, toText } from '../bytes/index.ts';
import { decodeDevice } from './device.ts';
import {
  BLOCK_BYTES,
  ID_MAX,
  NAME_BYTES_MAX,
  type TarHeader,
  type TarType,
  XATTR_NAME_BYTES_MAX,
  XATTR_VALUE_BYTES_MAX,
} from './entry.ts';
import { NUMBER_FIELD, TEXT_FIELD, type TextField, TYPE_AT, USTAR_MAGIC, writeChecksum } from './header.ts';
import { fitsOctal, type NumberField, writeOctal } from './numbers.ts';
import { PAX_BYTES_MAX, type PaxRecord, serializePaxRecords } from './pax-records.ts';
import { encodeXattrName, renderTime } from './pax-values.ts';

export interface TarWriter {
  /** Begins an entry; the one before must be complete. */
  entry(header: TarHeader): void;
  /** Part of the body; the parts of an entry add up to its size. Handed to the sink without copying. */
  data(chunk: Buffer): void;
  /** Ends the archive with two blocks of zeros. */
  end(): void;
}

const FLAGS: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

const PAX_FLAG = 'x';
const PAX_MODE = 0o644;
const ZEROS = Buffer.alloc(2 * BLOCK_BYTES);

/**
 * Writes POSIX ustar, with a pax header in front only where ustar cannot hold a value (long names, large ids and sizes,
 * times that are negative or have a fraction, xattrs). The bytes depend on nothing but the headers: no clock, no names of
 * the host. Paths must be in the form that `TarHeader` describes; `./` is written for the root, and `/` behind directories.
 * A header that no reader could take, or a body of another length than its size, is a bug of the caller (plain Error).
 */
export function createTarWriter(sink: (chunk: Buffer) => void): TarWriter {
  let left = 0;
  let padding = 0;
  const assertComplete = () => {
    if (left > 0) throw new Error(`tar entry lacks ${left} bytes of its body`);
  };
  return {
    entry(header) {
      assertComplete();
      assertWritable(header);
      writeEntryHeader(header, sink);
      left = header.size;
      padding = paddingOf(left);
    },
    data(chunk) {
      if (chunk.length > left)
        throw new Error(`tar entry gets ${chunk.length - left} bytes more than its size`);
      if (chunk.length === 0) return;
      sink(chunk);
      left -= chunk.length;
      if (left === 0 && padding > 0) sink(ZEROS.subarray(0, padding));
    },
    end() {
      assertComplete();
      sink(ZEROS);
    },
  };
}

function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

function assertWritable(header: TarHeader): void {
  const fail = (reason: string) => {
    throw new Error(`tar entry ${toText(header.path)}: ${reason}`);
  };
  const isLink = header.type === 'symlink' || header.type === 'hardlink';
  for (const name of [header.path, header.linkTarget, header.uname, header.gname]) {
    if (name.includes('\0')) fail('a name with a NUL');
    if (name.length > NAME_BYTES_MAX - 2) fail('a name too long');
  }
  if (isLink !== (header.linkTarget !== '')) fail(`a ${header.type} with link target '${header.linkTarget}'`);
  if (header.path === '' && header.type !== 'directory') fail('the root is not a directory');
  if (header.type !== 'directory' && header.path.endsWith('/')) fail('a slash at its end');
  if (header.type !== 'file' && header.size !== 0) fail('a size without a body');
  if (header.type !== 'character' && header.type !== 'block' && header.rdev !== 0) fail('a device number');
  if (!(Number.isSafeInteger(header.size) && header.size >= 0)) fail(`size ${header.size}`);
  if (!Number.isSafeInteger(header.mtime)) fail(`mtime ${header.mtime}`);
  if (!(header.mtimeNsec >= 0 && header.mtimeNsec < 1e9)) fail(`mtimeNsec ${header.mtimeNsec}`);
  for (const id of [header.uid, header.gid]) if (!(id >= 0 && id <= ID_MAX)) fail(`owner ${id}`);
  if (header.mode !== (header.mode & 0o7777)) fail(`mode ${header.mode.toString(8)}`);
  for (const [name, value] of header.xattrs ?? []) {
    if (name === '' || name.includes('\0') || name.length > XATTR_NAME_BYTES_MAX)
      fail(`xattr name ${toText(name)}`);
    if (value.length > XATTR_VALUE_BYTES_MAX) fail(`xattr ${toText(name)} of ${value.length} bytes`);
  }
}

/** A block in the making, and the pax records for what it cannot hold. */
interface Draft {
  readonly block: Buffer;
  readonly records: PaxRecord[];
}

function writeEntryHeader(header: TarHeader, sink: (chunk: Buffer) => void): void {
  const draft: Draft = { block: Buffer.alloc(BLOCK_BYTES), records: [] };
  const slash = header.type === 'directory' && !header.path.endsWith('/');
  const name = header.path === '' ? './' : `${header.path}${slash ? '/' : ''}`;
  putName(draft, name as ByteString);
  putText(draft, header.linkTarget, { field: TEXT_FIELD.link, keyword: 'linkpath' });
  putText(draft, header.uname, { field: TEXT_FIELD.uname, keyword: 'uname' });
  putText(draft, header.gname, { field: TEXT_FIELD.gname, keyword: 'gname' });
  writeOctal(draft.block, NUMBER_FIELD.mode, header.mode);
  putNumber(draft, NUMBER_FIELD.uid, header.uid);
  putNumber(draft, NUMBER_FIELD.gid, header.gid);
  putNumber(draft, NUMBER_FIELD.size, header.size);
  putTime(draft, header);
  const { major, minor } = decodeDevice(header.rdev);
  writeOctal(draft.block, NUMBER_FIELD.major, major);
  writeOctal(draft.block, NUMBER_FIELD.minor, minor);
  for (const [key, value] of [...(header.xattrs ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))) {
    draft.records.push([`SCHILY.xattr.${encodeXattrName(key)}` as ByteString, value]);
  }
  if (draft.records.length > 0) writePaxHeader(draft.records, header.path, sink);
  finish(draft.block, FLAGS[header.type]);
  sink(draft.block);
}

function finish(block: Buffer, flag: string): void {
  block.write(flag, TYPE_AT, 'latin1');
  block.write(USTAR_MAGIC, TEXT_FIELD.magic.start, 'latin1');
  writeChecksum(block);
}

/** In the name field, or split at a slash over prefix and name, or as a pax record with its start in the field. */
function putName({ block, records }: Draft, name: ByteString): void {
  const { name: field, prefix } = TEXT_FIELD;
  if (name.length <= field.length) {
    block.write(name, field.start, 'latin1');
    return;
  }
  // The name behind the slash must not be empty, so the slash of a directory is not one to split at.
  const slash = name.lastIndexOf('/', Math.min(prefix.length, name.length - 2));
  if (slash > 0 && name.length - slash - 1 <= field.length) {
    block.write(name.slice(0, slash), prefix.start, 'latin1');
    block.write(name.slice(slash + 1), field.start, 'latin1');
    return;
  }
  records.push(['path' as ByteString, name]);
  block.write(name.slice(0, field.length), field.start, 'latin1');
}

interface TextPlace {
  readonly field: TextField;
  readonly keyword: string;
}

function putText({ block, records }: Draft, text: ByteString, { field, keyword }: TextPlace): void {
  // GNU tar wants the NUL behind owner names, though not behind link names.
  const room = keyword === 'linkpath' ? field.length : field.length - 1;
  if (text.length > room) records.push([keyword as ByteString, text]);
  block.write(text.slice(0, room), field.start, 'latin1');
}

function putNumber({ block, records }: Draft, field: NumberField, value: number): void {
  const fits = fitsOctal(value, field.length);
  if (!fits) records.push([field.name as ByteString, `${value}` as ByteString]);
  writeOctal(block, field, fits ? value : 0);
}

function putTime({ block, records }: Draft, { mtime, mtimeNsec }: TarHeader): void {
  const field = NUMBER_FIELD.mtime;
  const fits = fitsOctal(mtime, field.length);
  if (!fits || mtimeNsec !== 0) {
    records.push([field.name as ByteString, renderTime({ seconds: mtime, nsec: mtimeNsec })]);
  }
  writeOctal(block, field, fits ? mtime : 0);
}

/**
 * The pax header in front of an entry. Names that are not UTF-8 are announced, as POSIX wants it; GNU tar warns
 * that it ignores that, and reads them right.
 */
function writePaxHeader(records: PaxRecord[], path: ByteString, sink: (chunk: Buffer) => void): void {
  const binary = records.some(([keyword, value]) => isName(keyword) && !isUtf8(value));
  const charset: PaxRecord[] = binary ? [['hdrcharset' as ByteString, 'BINARY' as ByteString]] : [];
  const body = serializePaxRecords([...charset, ...records]);
  if (body.length > PAX_BYTES_MAX)
    throw new Error(`tar entry ${toText(path)}: ${body.length} bytes of pax header`);
  const block = Buffer.alloc(BLOCK_BYTES);
  const base = path.slice(path.lastIndexOf('/') + 1);
  block.write(`PaxHeaders/${base}`.slice(0, TEXT_FIELD.name.length), 0, 'latin1');
  writeOctal(block, NUMBER_FIELD.mode, PAX_MODE);
  writeOctal(block, NUMBER_FIELD.size, body.length);
  for (const field of ['uid', 'gid', 'mtime', 'major', 'minor'] as const)
    writeOctal(block, NUMBER_FIELD[field], 0);
  finish(block, PAX_FLAG);
  sink(block);
  sink(body);
  const padding = paddingOf(body.length);
  if (padding > 0) sink(ZEROS.subarray(0, padding));
}

function isName(keyword: ByteString): boolean {
  return keyword === 'path' || keyword === 'linkpath' || keyword === 'uname' || keyword === 'gname';
}

function isUtf8(bytes: ByteString): boolean {
  return fromBuffer(Buffer.from(toBuffer(bytes).toString('utf8'), 'utf8')) === bytes;
}
