import type { ByteString } from '../bytes/index.ts';
import { ID_MAX, NAME_BYTES_MAX, XATTR_NAME_BYTES_MAX, XATTR_VALUE_BYTES_MAX } from './entry.ts';
import { OTHER_FORM, refuse } from './failure.ts';
import { parsePaxRecords } from './pax-records.ts';
import {
  decodeLibarchiveXattr,
  decodeXattrName,
  parseDecimal,
  parseTime,
  shorten,
  type Timestamp,
} from './pax-values.ts';
import { addSparseRecord, isSparseRecord, type SparseRecords } from './sparse.ts';

/** What extension headers say about the entry behind them; it wins over the entry's own header. */
export interface Extension {
  path?: ByteString | undefined;
  linkTarget?: ByteString | undefined;
  size?: number | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
  uname?: ByteString | undefined;
  gname?: ByteString | undefined;
  time?: Timestamp | undefined;
  major?: number | undefined;
  minor?: number | undefined;
  xattrs?: Map<ByteString, ByteString> | undefined;
  /** Access lists as text, by the name of the attribute that has them in binary form. */
  acls?: Map<ByteString, ByteString> | undefined;
  sparse?: SparseRecords | undefined;
}

const SCHILY_XATTR = 'SCHILY.xattr.';
const LIBARCHIVE_XATTR = 'LIBARCHIVE.xattr.';
const SELINUX = 'RHT.security.selinux';
/** acl(5) as text, by star; GNU tar and libarchive write it too. */
const ACLS: Readonly<Record<string, string>> = {
  'SCHILY.acl.access': 'system.posix_acl_access',
  'SCHILY.acl.default': 'system.posix_acl_default',
};

/** Keywords that make no sense for every entry at once, and would make one small header change all of them. */
const LOCAL_ONLY = new Set(['path', 'linkpath', 'size', SELINUX]);

/** One pax header: `x` about the next entry, `g` about all that follow. `offset` is that of the header. */
export interface PaxHeader {
  readonly body: Buffer;
  readonly offset: number;
  readonly scope: 'local' | 'global';
}

/**
 * Adds what a pax header says to `extension`. The last record of a keyword wins; an empty value takes a keyword back.
 * Keywords of no effect here (atime, ctime, comment, hdrcharset, unknown ones) are ignored, as POSIX asks. Refused
 * by name: access lists and sparse files in forms that are not known, and in a global header everything that fits one entry only.
 */
export function applyPaxHeader(extension: Extension, { body, offset, scope }: PaxHeader): void {
  for (const [keyword, value] of parsePaxRecords(body, offset)) {
    if (scope === 'global' && isLocal(keyword)) {
      refuse(`a global pax header sets ${shorten(keyword)}`, offset);
    }
    if (keyword.startsWith(SCHILY_XATTR)) {
      addXattr(extension, [decodeXattrName(keyword.slice(SCHILY_XATTR.length)), value], offset);
    } else if (keyword.startsWith(LIBARCHIVE_XATTR)) {
      addXattr(
        extension,
        decodeLibarchiveXattr(keyword.slice(LIBARCHIVE_XATTR.length), value, offset),
        offset,
      );
    } else applyRecord(extension, [keyword, value], offset);
  }
}

function isLocal(keyword: ByteString): boolean {
  return LOCAL_ONLY.has(keyword) || ['.xattr.', '.acl.', '.sparse.'].some(part => keyword.includes(part));
}

function applyRecord(
  extension: Extension,
  [keyword, value]: readonly [ByteString, ByteString],
  offset: number,
): void {
  const number = (max: number) => {
    if (value === '') return undefined;
    const parsed = parseDecimal(keyword, value, offset);
    return parsed <= max ? parsed : refuse(`pax ${keyword} is out of range: ${value}`, offset);
  };
  const name = () => (value === '' ? undefined : checkName(value, keyword, offset));
  switch (keyword as string) {
    case 'path':
      extension.path = name();
      return;
    case 'linkpath':
      extension.linkTarget = name();
      return;
    case 'size':
      extension.size = number(Number.MAX_SAFE_INTEGER);
      return;
    case 'uid':
      extension.uid = number(ID_MAX);
      return;
    case 'gid':
      extension.gid = number(ID_MAX);
      return;
    case 'uname':
      extension.uname = name();
      return;
    case 'gname':
      extension.gname = name();
      return;
    case 'mtime':
      extension.time = value === '' ? undefined : parseTime(value, offset);
      return;
    case 'SCHILY.devmajor':
      extension.major = number(Number.MAX_SAFE_INTEGER);
      return;
    case 'SCHILY.devminor':
      extension.minor = number(Number.MAX_SAFE_INTEGER);
      return;
    case SELINUX:
      // GNU tar leaves out the NUL that the kernel stores behind a label.
      addXattr(extension, ['security.selinux' as ByteString, `${value}\0` as ByteString], offset);
      return;
    default:
      applyOther(extension, [keyword, value], offset);
  }
}

function applyOther(
  extension: Extension,
  [keyword, value]: readonly [ByteString, ByteString],
  offset: number,
): void {
  const attribute = Object.hasOwn(ACLS, keyword) ? (ACLS[keyword] as ByteString) : undefined;
  if (attribute !== undefined) {
    extension.acls ??= new Map();
    if (value === '') extension.acls.delete(attribute);
    else extension.acls.set(attribute, value);
    return;
  }
  if (keyword.startsWith('SCHILY.acl.') || keyword === 'SCHILY.realsize')
    refuse(`${keyword.slice(0, 40)} (pax) is not supported`, offset, OTHER_FORM);
  if (!isSparseRecord(keyword)) return;
  extension.sparse ??= { fields: new Map(), numbers: [] };
  addSparseRecord(extension.sparse, [keyword, value], offset);
}

function addXattr(
  extension: Extension,
  [name, value]: readonly [ByteString, ByteString],
  offset: number,
): void {
  if (name === '' || name.includes('\0') || name.length > XATTR_NAME_BYTES_MAX) {
    refuse(`unusable xattr name ${shorten(name)}`, offset);
  }
  if (value.length > XATTR_VALUE_BYTES_MAX) {
    refuse(`xattr ${shorten(name)} has ${value.length} bytes; the most is ${XATTR_VALUE_BYTES_MAX}`, offset);
  }
  extension.xattrs ??= new Map();
  extension.xattrs.set(name, value);
}

/** A name from an extension: no NUL, and not longer than a path can be. */
export function checkName(value: ByteString, what: string, offset: number): ByteString {
  if (value.includes('\0')) refuse(`${what} has a NUL`, offset);
  if (value.length > NAME_BYTES_MAX)
    refuse(`${what} of ${value.length} bytes; the most is ${NAME_BYTES_MAX}`, offset);
  return value;
}
