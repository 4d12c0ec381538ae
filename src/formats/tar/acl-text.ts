import { type ByteString, fromBuffer, toText } from '../bytes/index.ts';
import { ID_MAX } from './entry.ts';
import { refuse } from './failure.ts';

/** include/uapi/linux/posix_acl.h and posix_acl_xattr.h. */
const VERSION = 2;
const HEADER_BYTES = 4;
const ENTRY_BYTES = 8;
const NO_ID = 0xffffffff;
const TAGS: Readonly<Record<string, { readonly owner: number; readonly named: number }>> = {
  user: { owner: 0x01, named: 0x02 },
  group: { owner: 0x04, named: 0x08 },
  mask: { owner: 0x10, named: 0 },
  other: { owner: 0x20, named: 0 },
};
const SHORT: Readonly<Record<string, string>> = { u: 'user', g: 'group', m: 'mask', o: 'other' };
/** As many as the kernel takes in one attribute. */
const ENTRIES_MAX = 8191;

interface AclEntry {
  readonly tag: number;
  readonly permissions: number;
  readonly id: number;
}

/**
 * The value of `system.posix_acl_access` or `..._default` for a list in acl(5)'s text form, as GNU tar, star and libarchive write it:
 * entries apart by commas or newlines, the number of a user or group in its place or behind (`user:lisa:rwx:502`). Undefined for a list that
 * says no more than the mode does. Refused with the path: a user or group that only has a name, since whose that is only the packing
 * machine knew, and what is no list.
 */
export function aclOfText(
  text: ByteString,
  { path, offset }: { path: ByteString; offset: number },
): ByteString | undefined {
  const wrong = (reason: string, hint?: string) =>
    refuse(`${toText(path)}: the access list ${JSON.stringify(text.slice(0, 80))} ${reason}`, offset, hint);
  const entries = text
    .split(/[,\n]/)
    .map(line => line.replace(/#.*/, '').trim())
    .filter(line => line !== '')
    .map(line => entryOf(line, wrong));
  if (entries.length > ENTRIES_MAX) return wrong('is too long');
  if (entries.length === 0 || entries.every(({ tag }) => tag === 0x01 || tag === 0x04 || tag === 0x20))
    return undefined;
  entries.sort((a, b) => a.tag - b.tag || a.id - b.id);
  const value = Buffer.alloc(HEADER_BYTES + entries.length * ENTRY_BYTES);
  value.writeUInt32LE(VERSION);
  entries.forEach(({ tag, permissions, id }, index) => {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    value.writeUInt16LE(tag, at);
    value.writeUInt16LE(permissions, at + 2);
    value.writeUInt32LE(id, at + 4);
  });
  return fromBuffer(value);
}

function entryOf(line: string, wrong: (reason: string, hint?: string) => never): AclEntry {
  const [kind = '', name = '', letters = '', number = name] = line.split(':');
  const tags = TAGS[SHORT[kind] ?? kind];
  const match = /^([r-])([w-])([xX-])$/.exec(letters);
  if (tags === undefined || match === null) return wrong('is not one');
  const permissions = (match[1] === 'r' ? 4 : 0) + (match[2] === 'w' ? 2 : 0) + (match[3] === '-' ? 0 : 1);
  if (name === '') return { tag: tags.owner, permissions, id: NO_ID };
  if (tags.named === 0) return wrong('is not one');
  const id = /^\d{1,10}$/.test(number) ? Number(number) : Number.NaN;
  if (!(id <= ID_MAX))
    return wrong(
      `names ${kind} ${JSON.stringify(name)} without its number`,
      'unpack the image with podman or umoci, which leave access lists out, and import the directory; or have it made with `tar --xattrs`',
    );
  return { tag: tags.named, permissions, id };
}
