import { type ByteString, fromBuffer } from '../bytes/index.ts';
import {
  type Content,
  type Node,
  type RegularFile,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../tree/index.ts';
import { objectPath } from '../verity/index.ts';
import { untilNul } from './escapes.ts';
import { toSeconds, toUint32 } from './integers.ts';
import { bytesField, FIELD, fail, integer, integerField, isUnset, type Line } from './line.ts';
import { parseXattrs, type XattrCache } from './xattrs.ts';

const CONTENT_MAX = 5000;
const PAYLOAD_MAX = 4095;
/** 1024 chunks of the largest chunk size. */
const FILE_SIZE_MAX = 2 ** 53;
const PERMISSIONS = 0o7777;
const DOT = 0x2e;
const NO_BYTES = Buffer.alloc(0);

const KINDS = new Map<number, Node['kind']>([
  [S_IFREG, 'file'],
  [S_IFDIR, 'directory'],
  [S_IFLNK, 'symlink'],
  [S_IFCHR, 'character'],
  [S_IFBLK, 'block'],
  [S_IFIFO, 'fifo'],
  [S_IFSOCK, 'socket'],
]);

/** What the type bits of a mode stand for. */
export function kindOf(mode: number): Node['kind'] | undefined {
  return KINDS.get(mode & S_IFMT);
}

/** The inode that a line describes; whatever the line says beside its path. */
export function parseNode(line: Line, type: { kind: Node['kind']; mode: number }, cache: XattrCache): Node {
  const { kind } = type;
  const mode = type.mode & PERMISSIONS;
  const size = integerField(line, FIELD.size, 10);
  const nlink = toUint32(integerField(line, FIELD.nlink, 10));
  const uid = toUint32(integerField(line, FIELD.uid, 10));
  const gid = toUint32(integerField(line, FIELD.gid, 10));
  const rdev = toUint32(integerField(line, FIELD.rdev, 10));
  const dot = findDot(line);
  const seconds = { radix: 10, field: FIELD.mtime } as const;
  const mtime = toSeconds(integer(line, line.starts[FIELD.mtime]!, dot, seconds));
  const mtimeNsec = toUint32(integer(line, dot + 1, line.ends[FIELD.mtime]!, seconds));
  const content = parseContent(line, size);
  const digest = parseDigestField(line);
  const xattrs = parseXattrs(line, cache);
  // Where it has no meaning, the payload must be sound all the same.
  if (payloadNeedsCheck(line)) parsePayload(line);
  switch (kind) {
    case 'directory':
      return { kind, mode, uid, gid, mtime, mtimeNsec, xattrs, entries: new Map() };
    case 'symlink': {
      const target = parsePayload(line);
      if (target === '') fail(line, 'a symlink without a target');
      return { kind, mode, uid, gid, mtime, mtimeNsec, xattrs, target, nlink };
    }
    case 'file': {
      const file = fileContent(line, { size, content, digest });
      return { kind, mode, uid, gid, mtime, mtimeNsec, xattrs, ...file, nlink };
    }
    default: {
      const node = { kind, mode, uid, gid, mtime, mtimeNsec, xattrs, nlink };
      const device = kind === 'character' || kind === 'block' ? rdev : 0;
      return size === 0 ? { ...node, rdev: device } : { ...node, rdev: device, size: Number(size) };
    }
  }
}

function fileContent(
  line: Line,
  { size, content, digest }: { size: number | bigint; content: Buffer; digest: string },
): Pick<RegularFile, 'size' | 'content'> {
  if (content.length > 0 || size === 0) {
    return { size: content.length, content: { kind: 'inline', bytes: content } };
  }
  if (size > FILE_SIZE_MAX) fail(line, `a file of ${size} bytes; the most is 2^53`);
  return { size: Number(size), content: externalContent(line, digest) };
}

function externalContent(line: Line, digest: string): Content {
  if (line.isObject) return { kind: 'object', digest };
  const path = parsePayload(line);
  if (digest !== '' && path === objectPath(digest)) return { kind: 'object', digest };
  return { kind: 'path', path, digest: digest === '' ? undefined : digest };
}

function parsePayload(line: Line): ByteString {
  if (isUnset(line, FIELD.payload)) return '' as ByteString;
  const payload = untilNul(bytesField(line, FIELD.payload));
  if (payload.length > PAYLOAD_MAX)
    fail(line, `a payload of ${payload.length} bytes; the most is ${PAYLOAD_MAX}`);
  return payload;
}

function payloadNeedsCheck({ escaped, starts, ends }: Line): boolean {
  return (
    (escaped & (1 << FIELD.payload)) !== 0 || ends[FIELD.payload]! - starts[FIELD.payload]! > PAYLOAD_MAX
  );
}

/** Checked against the size for every type, though only regular files have content. */
function parseContent(line: Line, size: number | bigint): Buffer {
  const start = line.starts[FIELD.content]!;
  if (line.ends[FIELD.content] === start || isUnset(line, FIELD.content)) return NO_BYTES;
  const bytes = Buffer.from(bytesField(line, FIELD.content), 'latin1');
  if (bytes.length !== size) fail(line, `content of ${bytes.length} bytes where the size is ${size}`);
  if (bytes.length > CONTENT_MAX) fail(line, `content of ${bytes.length} bytes; the most is ${CONTENT_MAX}`);
  return bytes;
}

/** Lower-case hex; empty when there is none. */
function parseDigestField(line: Line): string {
  const start = line.starts[FIELD.digest]!;
  const end = line.ends[FIELD.digest]!;
  if (end === start || isUnset(line, FIELD.digest)) return '';
  const digest = fromBuffer(line.text, start, end);
  if (line.isObject) return digest;
  const lower = digest.toLowerCase();
  return /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/.test(lower)
    ? lower
    : fail(line, 'a digest that is not 64 or 128 hex digits');
}

function findDot(line: Line): number {
  const end = line.ends[FIELD.mtime]!;
  let i = line.starts[FIELD.mtime]!;
  while (i < end && line.text[i] !== DOT) i += 1;
  return i < end ? i : fail(line, 'mtime is not SECONDS.NANOSECONDS');
}
