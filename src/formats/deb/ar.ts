/**
 * The ar archive of a .deb (deb(5), ar(5) common format): the magic, then members, each at an even offset with a 60-byte
 * header of text padded with blanks:
 *
 *   0 name 16 | 16 mtime 12 | 28 uid 6 | 34 gid 6 | 40 mode 8 | 48 size 10 (decimal) | 58 "`\n"
 *
 * GNU ar ends names with a slash, which dpkg takes off. GNU and BSD tables of long names do not occur in a .deb.
 */
import { type ByteString, fromBuffer, toText } from '../bytes/index.ts';
import { refuse } from './failure.ts';

export const AR_MAGIC = '!<arch>\n';
export const AR_HEADER_BYTES = 60;

/** A member's name and where its data is in the file. */
export interface ArMember {
  readonly name: ByteString;
  readonly offset: number;
  readonly size: number;
}

const NAME_BYTES = 16;
const SIZE_AT = 48;
const SIZE_END = 58;
const END = '`\n';

/** The member whose header is at `offset`. Does not look at the size of the file. */
export function parseArHeader(header: Buffer, offset: number): ArMember {
  if (header.length < AR_HEADER_BYTES) refuse('the archive is cut off', offset);
  if (fromBuffer(header, SIZE_END, AR_HEADER_BYTES) !== END)
    refuse('no ar member where one should begin', offset);
  const padded = fromBuffer(header, 0, NAME_BYTES);
  const name = padded.replace(/ +$/, '').replace(/(.)\/$/, '$1') as ByteString;
  if (name === '' || name.startsWith('/') || name.startsWith('#1/')) {
    refuse(`the member name ${toText(padded)} is not one a .deb may have`, offset);
  }
  const size = fromBuffer(header, SIZE_AT, SIZE_END).replace(/ +$/, '');
  if (!/^[0-9]+$/.test(size)) refuse(`member ${toText(name)} has no size`, offset);
  return { name, offset: offset + AR_HEADER_BYTES, size: Number(size) };
}

/** Where the next member's header is. */
export function behind({ offset, size }: ArMember): number {
  return offset + size + (size % 2);
}
