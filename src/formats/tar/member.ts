import { type ByteString, toText } from '../bytes/index.ts';
import { aclOfText } from './acl-text.ts';
import { encodeDevice } from './device.ts';
import { BLOCK_BYTES, ID_MAX, MAJOR_MAX, MINOR_MAX, type TarEntry, type TarType } from './entry.ts';
import { checkName, type Extension } from './extension.ts';
import { OTHER_FORM, refuse } from './failure.ts';
import { type Dialect, dialectOf, NUMBER_FIELD, readText, TEXT_FIELD, TYPE_AT } from './header.ts';
import { readNumber } from './numbers.ts';
import { normalisePath } from './path.ts';
import { type SparseFile, sparseOfHeader, sparseOfRecords } from './sparse.ts';

const NONE = '' as ByteString;
const SPARSE_TYPE = 0x53;

/** By type flag. `7` (contiguous) is a plain file to everyone today. */
const TYPES: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
  S: 'file',
};

const UNSUPPORTED: Readonly<Record<string, string>> = {
  D: 'a GNU incremental dump directory',
  M: 'a continued file of a GNU multi-volume archive',
  V: 'a GNU volume label',
  N: 'an old GNU long-name table',
  X: 'a Solaris extended header',
  A: 'a Solaris ACL',
};

/** What the parser knows when it meets the header of an entry. */
export interface MemberContext {
  readonly offset: number;
  /** From the headers right before this one. */
  readonly local: Extension | undefined;
  /** From global pax headers. */
  readonly global: Extension | undefined;
  /** Access lists in text form become attributes; dpkg does not look at them. */
  readonly acls: 'ignore' | 'read';
}

interface Member {
  readonly entry: TarEntry;
  /** Bytes of the body in the archive; the size of the entry, but for a file with holes. */
  readonly stored: number;
  readonly sparse: SparseFile | undefined;
}

/** The entry of one header block whose checksum is right, with its extensions applied. */
export function readMember(block: Buffer, context: MemberContext): Member {
  const { offset } = context;
  const dialect = dialectOf(block);
  const extension = mergeExtensions(context);
  const sparse = sparseOf(block, extension, offset);
  const sparseName = extension?.sparse?.fields.get('name');
  if (sparseName !== undefined) checkName(sparseName, 'GNU.sparse.name', offset);
  const rawPath = sparseName ?? extension?.path ?? headerName(block, dialect);
  if (rawPath === '') refuse('an entry without a name', offset);
  const type = typeOf(block, rawPath, offset);
  const isLink = type === 'symlink' || type === 'hardlink';
  const linkTarget = isLink ? (extension?.linkTarget ?? readText(block, TEXT_FIELD.link)) : NONE;
  if (isLink && linkTarget === '') refuse(`${toText(rawPath)}: a link to nothing`, offset);
  const hasNames = dialect !== 'v7';
  const stored = sizeOf(block, { type, extension, offset });
  if (sparse !== undefined && type !== 'file') refuse(`${toText(rawPath)}: a ${type} with holes`, offset);
  const entry: TarEntry = {
    path: normalisePath(rawPath),
    type,
    linkTarget,
    mode: readNumber(block, NUMBER_FIELD.mode, offset) & 0o7777,
    uid: extension?.uid ?? idField(block, 'uid', offset),
    gid: extension?.gid ?? idField(block, 'gid', offset),
    uname: extension?.uname ?? (hasNames ? readText(block, TEXT_FIELD.uname) : NONE),
    gname: extension?.gname ?? (hasNames ? readText(block, TEXT_FIELD.gname) : NONE),
    size: sparse?.size ?? stored,
    mtime: extension?.time?.seconds ?? readNumber(block, NUMBER_FIELD.mtime, offset),
    mtimeNsec: extension?.time?.nsec ?? 0,
    rdev: type === 'character' || type === 'block' ? deviceOf(block, extension, offset) : 0,
    xattrs: context.acls === 'read' ? withAcls(extension, { path: rawPath, offset }) : extension?.xattrs,
    rawPath,
    offset,
  };
  return { entry, stored, sparse };
}

function sparseOf(block: Buffer, extension: Extension | undefined, offset: number): SparseFile | undefined {
  if (block[TYPE_AT] === SPARSE_TYPE) return sparseOfHeader(block, offset);
  return extension?.sparse === undefined ? undefined : sparseOfRecords(extension.sparse, offset);
}

/** The binary form of an access list wins: it has numbers where the text may have names. */
function withAcls(
  extension: Extension | undefined,
  at: { path: ByteString; offset: number },
): Extension['xattrs'] {
  if (extension?.acls === undefined) return extension?.xattrs;
  const xattrs = new Map(extension.xattrs);
  for (const [name, text] of extension.acls) {
    const value = xattrs.has(name) ? undefined : aclOfText(text, at);
    if (value !== undefined) xattrs.set(name, value);
  }
  return xattrs.size > 0 ? xattrs : undefined;
}

function mergeExtensions({ local, global }: MemberContext): Extension | undefined {
  if (global === undefined) return local;
  const merged: Extension = { ...global };
  for (const [key, value] of Object.entries(local ?? {})) {
    if (value !== undefined) Object.assign(merged, { [key]: value });
  }
  return merged;
}

function headerName(block: Buffer, dialect: Dialect): ByteString {
  const name = readText(block, TEXT_FIELD.name);
  if (dialect !== 'ustar' || block[TEXT_FIELD.prefix.start] === 0) return name;
  return `${readText(block, TEXT_FIELD.prefix)}/${name}` as ByteString;
}

function typeOf(block: Buffer, rawPath: ByteString, offset: number): TarType {
  const flag = String.fromCharCode(block[TYPE_AT]!);
  const type = TYPES[flag];
  if (type === undefined) {
    const what = UNSUPPORTED[flag] ?? `the type ${toText(flag as ByteString)}`;
    return refuse(`${toText(rawPath)}: ${what} is not supported`, offset, OTHER_FORM);
  }
  // v7 had no directories: dpkg and GNU tar take the slash for one in every dialect.
  return type === 'file' && rawPath.endsWith('/') ? 'directory' : type;
}

interface Sized {
  readonly type: TarType;
  readonly extension: Extension | undefined;
  readonly offset: number;
}

function sizeOf(block: Buffer, { type, extension, offset }: Sized): number {
  const size = extension?.size ?? readNumber(block, NUMBER_FIELD.size, offset);
  if (size !== 0 && type !== 'file') {
    // dpkg, GNU tar and libarchive disagree on whether a body follows: one archive would be two.
    refuse(`a ${type} with a size (${size})`, offset);
  }
  if (offset + size > Number.MAX_SAFE_INTEGER - 2 * BLOCK_BYTES)
    refuse(`size ${size} is out of range`, offset);
  return size;
}

function idField(block: Buffer, field: 'uid' | 'gid', offset: number): number {
  const id = readNumber(block, NUMBER_FIELD[field], offset);
  return id <= ID_MAX ? id : refuse(`${field} ${id} is out of range`, offset);
}

function deviceOf(block: Buffer, extension: Extension | undefined, offset: number): number {
  const major = extension?.major ?? readNumber(block, NUMBER_FIELD.major, offset);
  const minor = extension?.minor ?? readNumber(block, NUMBER_FIELD.minor, offset);
  if (major > MAJOR_MAX || minor > MINOR_MAX) refuse(`device ${major}:${minor} is out of range`, offset);
  return encodeDevice(major, minor);
}
