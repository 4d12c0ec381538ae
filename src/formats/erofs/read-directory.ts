import { type ByteString, fromBuffer, toText } from '../bytes/index.ts';
import { DIRENT_BYTES } from '../tree/index.ts';
import { BLOCK_BYTES, NAME_MAX } from './constants.ts';
import { type ImageView, refuseImage } from './image-view.ts';
import { dataExtents, type RawInode } from './read-inode.ts';

/** Calls `visit` for each entry of a directory but `.` and `..`. */
export function readDirectory(
  view: ImageView,
  inode: RawInode,
  visit: (name: ByteString, nid: number) => void,
): void {
  for (const { offset, length } of dataExtents(view, inode)) {
    for (let start = 0; start < length; start += BLOCK_BYTES) {
      readBlock(view, { start: offset + start, length: Math.min(BLOCK_BYTES, length - start) }, visit);
    }
  }
}

function readBlock(
  view: ImageView,
  { start, length }: { start: number; length: number },
  visit: (name: ByteString, nid: number) => void,
): void {
  const { data } = view;
  const namesStart = length < DIRENT_BYTES ? 0 : data.getUint16(start + 8, true);
  if (namesStart === 0 || namesStart % DIRENT_BYTES !== 0 || namesStart > length) {
    refuseImage(start, 'a directory block without a sound first entry');
  }
  let nameStart = namesStart;
  for (let entry = 0; entry < namesStart; entry += DIRENT_BYTES) {
    const at = start + entry;
    const next = entry + DIRENT_BYTES;
    const nameEnd =
      next < namesStart
        ? data.getUint16(start + next + 8, true)
        : lastNameEnd(view, start + nameStart, start + length) - start;
    if (nameEnd <= nameStart || nameEnd > length) refuseImage(at, 'a directory entry without a name');
    const name = fromBuffer(view.bytes, start + nameStart, start + nameEnd);
    nameStart = nameEnd;
    if (name === '.' || name === '..') continue;
    if (name.length > NAME_MAX) refuseImage(at, `a name of ${name.length} bytes; the most is ${NAME_MAX}`);
    if (name.includes('/') || name.includes('\0'))
      refuseImage(at, `the name ${toText(name)} has a slash or a NUL byte in it`);
    // A nid beyond 32 bits is beyond any image, which readInode then says.
    visit(name, data.getUint32(at, true) + data.getUint32(at + 4, true) * 2 ** 32);
  }
}

/** The last name of a block ends at the first NUL. */
function lastNameEnd({ bytes }: ImageView, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 0) at += 1;
  return at;
}
