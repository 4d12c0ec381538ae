/**
 * Files with holes, by the GNU tar manual, "Storing Sparse Files": the old GNU format (type `S`, the map in the header and in blocks behind
 * it) and the pax formats 0.0, 0.1 (the map in the pax header) and 1.0 (the map at the beginning of the body).
 */
import { type ByteString, toText } from '../bytes/index.ts';
import { refuse } from './failure.ts';
import { readNumber } from './numbers.ts';
import { parseDecimal } from './pax-values.ts';

/** Bytes of a file that the archive has; everything between regions, and behind the last one, is zero. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

/** What pax records say. */
export interface SparseRecords {
  readonly fields: Map<string, ByteString>;
  /** Of format 0.0, which repeats `GNU.sparse.offset` and `GNU.sparse.numbytes`. */
  readonly numbers: number[];
}

/** A file with holes: its size, and its regions or where they are. */
export interface SparseFile {
  readonly size: number;
  readonly regions: readonly Region[] | 'in-body' | 'in-blocks';
  /** Those of the header, where blocks behind it have more. */
  readonly first: readonly Region[];
}

const PREFIX = 'GNU.sparse.';
const OLD_HEADER = { start: 386, entries: 4, more: 482, size: 483 };
const OLD_BLOCK = { start: 0, entries: 21, more: 504 };
const NUMBER_BYTES = 12;
const NEWLINE = 0x0a;
/** Far above what any file system makes of a file. */
const REGIONS_MAX = 1_000_000;

export function isSparseRecord(keyword: ByteString): boolean {
  return keyword.startsWith(PREFIX);
}

/** Adds a record of a pax header that is about holes. */
export function addSparseRecord(
  records: SparseRecords,
  [keyword, value]: readonly [ByteString, ByteString],
  offset: number,
): void {
  const name = keyword.slice(PREFIX.length);
  if (name === 'offset' || name === 'numbytes') records.numbers.push(parseDecimal(keyword, value, offset));
  else records.fields.set(name, value);
}

/** The file that pax records describe; undefined when they describe none. */
export function sparseOfRecords({ fields, numbers }: SparseRecords, offset: number): SparseFile | undefined {
  if (fields.size === 0 && numbers.length === 0) return undefined;
  const number = (name: string) => {
    const value = fields.get(name);
    return value === undefined ? undefined : parseDecimal(`${PREFIX}${name}`, value, offset);
  };
  const size = number('realsize') ?? number('size');
  if (size === undefined) return refuse('a sparse file without its size', offset);
  const [major, minor] = [number('major') ?? 0, number('minor') ?? 0];
  if (major === 1 && minor === 0) return { size, regions: 'in-body', first: [] };
  if (major !== 0) return refuse(`sparse files of version ${major}.${minor} are not supported`, offset);
  const map = fields.get('map');
  const listed = map?.split(',').filter(text => text !== '') ?? [];
  const all =
    map === undefined
      ? numbers
      : listed.map(text => parseDecimal(`${PREFIX}map`, text as ByteString, offset));
  return { size, regions: pairs(all, offset), first: [] };
}

/** The file of a header of type `S`. */
export function sparseOfHeader(block: Buffer, offset: number): SparseFile {
  const size = readNumber(block, { start: OLD_HEADER.size, length: NUMBER_BYTES, name: 'real size' }, offset);
  const first = regionsIn(block, OLD_HEADER, offset);
  return block[OLD_HEADER.more] === 0
    ? { size, regions: first, first }
    : { size, regions: 'in-blocks', first };
}

/** The regions of a block behind a header of type `S`, and whether another such block follows. */
export function readSparseBlock(block: Buffer, offset: number): { regions: Region[]; more: boolean } {
  return { regions: regionsIn(block, OLD_BLOCK, offset), more: block[OLD_BLOCK.more] !== 0 };
}

function regionsIn(block: Buffer, { start, entries }: typeof OLD_BLOCK, offset: number): Region[] {
  const field = (index: number) =>
    readNumber(
      block,
      { start: start + index * NUMBER_BYTES, length: NUMBER_BYTES, name: 'sparse map' },
      offset,
    );
  const regions: Region[] = [];
  // Fields that are not used are empty.
  for (let index = 0; index < entries && block[start + 2 * index * NUMBER_BYTES] !== 0; index++)
    regions.push({ offset: field(2 * index), length: field(2 * index + 1) });
  return regions;
}

/** Reads the map of format 1.0: decimal numbers, each with a newline: how many regions, then offset and length of each. */
export function sparseMapReader(offset: number): { add(block: Buffer): Region[] | undefined } {
  const numbers: number[] = [];
  let digits = '';
  return {
    add(block) {
      for (const byte of block) {
        if (byte === NEWLINE) {
          numbers.push(parseDecimal('sparse map', digits as ByteString, offset));
          digits = '';
          const [count = 0] = numbers;
          if (count > REGIONS_MAX) refuse(`a sparse file of more than ${REGIONS_MAX} pieces`, offset);
          if (numbers.length === 1 + 2 * count) return pairs(numbers.slice(1), offset);
        } else digits += String.fromCharCode(byte);
        if (digits.length > NUMBER_BYTES + 8) refuse('a sparse file without a map', offset);
      }
      return undefined;
    },
  };
}

function pairs(numbers: readonly number[], offset: number): Region[] {
  if (numbers.length % 2 === 1) refuse('a sparse map with half a region', offset);
  const regions: Region[] = [];
  for (let index = 0; index < numbers.length; index += 2)
    regions.push({ offset: numbers[index]!, length: numbers[index + 1]! });
  return regions;
}

/** Holds regions against the file: in order, inside it, and as many bytes as the archive has. */
export function assertRegions(
  { regions, size }: { regions: readonly Region[]; size: number },
  { stored, offset, path }: { stored: number; offset: number; path: ByteString },
): void {
  const wrong = (reason: string) => refuse(`${toText(path)}: ${reason}`, offset);
  if (regions.length > REGIONS_MAX) wrong(`a sparse file of more than ${REGIONS_MAX} pieces`);
  let [end, bytes] = [0, 0];
  for (const region of regions) {
    if (region.offset < end) wrong('the pieces of a sparse file overlap');
    end = region.offset + region.length;
    bytes += region.length;
  }
  if (end > size) wrong('a piece of a sparse file is behind its end');
  if (bytes !== stored) wrong(`the pieces of a sparse file have ${bytes} bytes, the archive has ${stored}`);
}
