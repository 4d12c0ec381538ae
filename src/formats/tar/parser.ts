import { type ByteString, fromBuffer, toText } from '../bytes/index.ts';
import { BLOCK_BYTES, NAME_BYTES_MAX, type TarEntry } from './entry.ts';
import { applyPaxHeader, checkName, type Extension } from './extension.ts';
import { GNU_FORM, OTHER_FORM, refuse } from './failure.ts';
import { isZeroBlock, NUMBER_FIELD, TYPE_AT, verifyChecksum } from './header.ts';
import { readMember } from './member.ts';
import { readNumber } from './numbers.ts';
import { PAX_BYTES_MAX } from './pax-records.ts';
import type { SparseFile } from './sparse.ts';
import { type SparseBody, sparseBody } from './sparse-body.ts';

/** Called for each entry: `entry`, then `data` for each part of a body, then `entryEnd`. */
export interface TarHandler {
  entry(entry: TarEntry): void;
  /** Never empty. A view of what was passed to `write`: copy it to keep it. */
  data(chunk: Buffer): void;
  entryEnd(): void;
}

export interface TarParserOptions {
  /**
   * What an archive is that stops after an entry, without a block of zeros: `refuse` (the default) because a cut stream
   * looks the same; `accept` for a source that is known to be whole. dpkg and GNU tar accept it. `accept-unpadded` for one that may also
   * stop right behind the bytes of its last body, as Go's archive/tar lets it.
   */
  readonly missingTrailer?: 'refuse' | 'accept' | 'accept-unpadded';
  /** Files with holes: refused (the default), as dpkg does not know them, or read with zeros for what is not stored. */
  readonly sparse?: 'refuse' | 'read';
  /** Access lists in text form: see `MemberContext`. Default `ignore`. */
  readonly acls?: 'ignore' | 'read';
  /** Types of entries: all that are read here (the default), or those that dpkg's own reader knows (deb(5)): neither pax headers nor contiguous files. */
  readonly types?: 'all' | 'dpkg';
}

export interface TarParser {
  write(chunk: Buffer): void;
  /** The input is over. Throws when it ends inside the archive. */
  end(): void;
}

type State = 'header' | 'extension' | 'sparse-map' | 'body' | 'padding' | 'trailer';

interface Parser {
  readonly handler: TarHandler;
  readonly options: TarParserOptions;
  state: State;
  /** Bytes consumed: the offset of the next byte. */
  offset: number;
  /** Bytes left of the body, the padding or the extension. */
  left: number;
  /** Padding behind the body. */
  padding: number;
  /** A block of a header or of a map of holes that did not arrive in one piece. */
  readonly block: Buffer;
  filled: number;
  extension: PendingExtension | undefined;
  sparse: SparseBody | undefined;
  /** The map of its holes is part of the body. */
  mapInBody: boolean;
  local: Extension | undefined;
  global: Extension | undefined;
  /** Which kinds of extension the next entry has already, and where the first one was. */
  seen: string;
  seenOffset: number;
}

interface PendingExtension {
  readonly flag: string;
  readonly offset: number;
  readonly body: Buffer;
}

const EXTENSION_FLAGS: Readonly<Record<number, string>> = { 120: 'x', 103: 'g', 76: 'L', 75: 'K' };

/** In dpkg's words (lib/dpkg/tar.c). */
const UNKNOWN_TO_DPKG: Readonly<Record<number, string>> = {
  120: "unsupported PAX tar header type 'x'",
  103: "unsupported PAX tar header type 'g'",
  55: "unknown tar header type '7'",
  83: "unsupported GNU tar header type 'S'",
  77: "unsupported GNU tar header type 'M'",
  68: "unsupported GNU tar header type 'D'",
  86: "unsupported GNU tar header type 'V'",
};

/**
 * Reads v7, ustar, GNU and pax archives (with xattrs, long names, large numbers) from chunks of any size. Bodies are
 * passed on without copying. Throws a FormatError with the offset for everything that is damaged, hostile or
 * not supported, and must not be used after that; what the handler throws comes through.
 *
 * The first block of zeros ends the archive, as for dpkg and GNU tar. Those two ignore what follows; here only more
 * zeros may follow, so that nothing can hide behind the end.
 */
export function createTarParser(handler: TarHandler, options: TarParserOptions = {}): TarParser {
  const parser: Parser = {
    handler,
    options,
    state: 'header',
    offset: 0,
    left: 0,
    padding: 0,
    block: Buffer.alloc(BLOCK_BYTES),
    filled: 0,
    extension: undefined,
    sparse: undefined,
    mapInBody: false,
    local: undefined,
    global: undefined,
    seen: '',
    seenOffset: 0,
  };
  return {
    write: chunk => write(parser, chunk),
    end: () => end(parser, options),
  };
}

function write(parser: Parser, chunk: Buffer): void {
  let at = 0;
  while (at < chunk.length) {
    const start = at;
    switch (parser.state) {
      case 'header':
        at = takeBlock(parser, { chunk, at, taken: header });
        break;
      case 'body':
        at = takeBody(parser, chunk, at);
        break;
      case 'sparse-map':
        at = takeBlock(parser, { chunk, at, taken: sparseMap });
        break;
      case 'padding':
        at = Math.min(chunk.length, at + parser.left);
        parser.left -= at - start;
        if (parser.left === 0) parser.state = 'header';
        break;
      case 'extension':
        at = takeExtension(parser, chunk, at);
        break;
      case 'trailer':
        at = takeZeros(parser, chunk, at);
        break;
    }
    parser.offset += at - start;
  }
}

function end(parser: Parser, { missingTrailer = 'refuse' }: TarParserOptions): void {
  const { state, offset } = parser;
  if (state === 'trailer') return;
  if (state === 'padding' && missingTrailer === 'accept-unpadded') return;
  if (state !== 'header' || parser.filled > 0) refuse('the archive is cut off', offset);
  if (parser.seen !== '') refuse('an extension header without an entry', parser.seenOffset);
  if (missingTrailer === 'refuse') refuse('the archive ends without its block of zeros: cut off?', offset);
}

interface BlockTaking {
  readonly chunk: Buffer;
  readonly at: number;
  /** Gets the block when all of it is there, and its offset. */
  readonly taken: (parser: Parser, block: Buffer, offset: number) => void;
}

function takeBlock(parser: Parser, { chunk, at, taken }: BlockTaking): number {
  if (parser.filled === 0 && chunk.length - at >= BLOCK_BYTES) {
    taken(parser, chunk.subarray(at, at + BLOCK_BYTES), parser.offset);
    return at + BLOCK_BYTES;
  }
  const copied = chunk.copy(parser.block, parser.filled, at);
  parser.filled += copied;
  if (parser.filled === BLOCK_BYTES) {
    parser.filled = 0;
    taken(parser, parser.block, parser.offset + copied - BLOCK_BYTES);
  }
  return at + copied;
}

function header(parser: Parser, block: Buffer, offset: number): void {
  if (block[0] === 0 && isZeroBlock(block)) {
    if (parser.seen !== '') refuse('an extension header without an entry', parser.seenOffset);
    parser.state = 'trailer';
    return;
  }
  verifyChecksum(block, offset);
  const unknown = parser.options.types === 'dpkg' ? UNKNOWN_TO_DPKG[block[TYPE_AT]!] : undefined;
  if (unknown !== undefined) refuse(unknown, offset, GNU_FORM);
  const flag = EXTENSION_FLAGS[block[TYPE_AT]!];
  if (flag !== undefined) {
    openExtension(parser, { block, flag, offset });
    return;
  }
  const { acls = 'ignore' } = parser.options;
  const extensions = { local: parser.local, global: parser.global };
  const { entry, stored, sparse } = readMember(block, { offset, ...extensions, acls });
  parser.local = undefined;
  parser.seen = '';
  parser.padding = paddingOf(stored);
  parser.left = stored;
  if (sparse !== undefined && parser.options.sparse !== 'read')
    refuse(`${toText(entry.rawPath)}: files with holes (sparse) are not supported`, offset, OTHER_FORM);
  parser.handler.entry(entry);
  if (sparse !== undefined) openSparse(parser, { entry, sparse });
  else if (stored > 0) parser.state = 'body';
  else parser.handler.entryEnd();
}

function openSparse(parser: Parser, { entry, sparse }: { entry: TarEntry; sparse: SparseFile }): void {
  parser.sparse = sparseBody(entry, sparse, bytes => parser.handler.data(bytes));
  parser.mapInBody = sparse.regions === 'in-body';
  if (typeof sparse.regions === 'string') parser.state = 'sparse-map';
  else beginSparse(parser, parser.sparse);
}

function sparseMap(parser: Parser, block: Buffer, offset: number): void {
  if (parser.mapInBody) {
    if (parser.left < BLOCK_BYTES) refuse('the map of a sparse file is cut off', offset);
    parser.left -= BLOCK_BYTES;
  }
  if (parser.sparse!.addBlock(block, offset)) beginSparse(parser, parser.sparse!);
}

function beginSparse(parser: Parser, body: SparseBody): void {
  body.begin(parser.left);
  if (parser.left > 0) parser.state = 'body';
  else endSparse(parser, body);
}

function endSparse(parser: Parser, body: SparseBody): void {
  body.end();
  parser.sparse = undefined;
  openPadding(parser, parser.padding);
  parser.handler.entryEnd();
}

function takeBody(parser: Parser, chunk: Buffer, at: number): number {
  const available = chunk.length - at;
  const length = Math.min(available, parser.left);
  parser.left -= length;
  const bytes = at === 0 && length === chunk.length ? chunk : chunk.subarray(at, at + length);
  const { sparse } = parser;
  if (sparse === undefined) parser.handler.data(bytes);
  else sparse.data(bytes);
  if (parser.left === 0 && sparse !== undefined) endSparse(parser, sparse);
  else if (parser.left === 0) {
    openPadding(parser, parser.padding);
    parser.handler.entryEnd();
  }
  return at + length;
}

function openPadding(parser: Parser, length: number): void {
  parser.left = length;
  parser.state = length > 0 ? 'padding' : 'header';
}

function paddingOf(size: number): number {
  const over = size % BLOCK_BYTES;
  return over === 0 ? 0 : BLOCK_BYTES - over;
}

interface ExtensionHeader {
  readonly block: Buffer;
  readonly flag: string;
  readonly offset: number;
}

function openExtension(parser: Parser, { block, flag, offset }: ExtensionHeader): void {
  if (flag === 'g' ? parser.seen !== '' : parser.seen.includes(flag)) {
    refuse(`a second extension header (${flag}) before an entry`, offset);
  }
  const size = readNumber(block, NUMBER_FIELD.size, offset);
  const isName = flag === 'L' || flag === 'K';
  const max = isName ? NAME_BYTES_MAX + 1 : PAX_BYTES_MAX;
  if (size > max) refuse(`an extension header (${flag}) of ${size} bytes; the most is ${max}`, offset);
  if (parser.seen === '') parser.seenOffset = offset;
  if (flag !== 'g') parser.seen += flag;
  parser.padding = paddingOf(size);
  parser.extension = { flag, offset, body: Buffer.allocUnsafe(size) };
  parser.state = 'extension';
  parser.left = size;
  if (size === 0) closeExtension(parser);
}

function takeExtension(parser: Parser, chunk: Buffer, at: number): number {
  const { body } = parser.extension!;
  const copied = chunk.copy(body, body.length - parser.left, at);
  parser.left -= copied;
  if (parser.left === 0) closeExtension(parser);
  return at + copied;
}

function closeExtension(parser: Parser): void {
  const { flag, offset, body } = parser.extension!;
  parser.extension = undefined;
  openPadding(parser, parser.padding);
  if (flag === 'g') {
    parser.global ??= {};
    applyPaxHeader(parser.global, { body, offset, scope: 'global' });
    return;
  }
  parser.local ??= {};
  if (flag === 'x') applyPaxHeader(parser.local, { body, offset, scope: 'local' });
  // A pax name wins over a GNU one, whichever comes first.
  else if (flag === 'L') parser.local.path ??= gnuName(body, offset);
  else parser.local.linkTarget ??= gnuName(body, offset);
}

function gnuName(body: Buffer, offset: number): ByteString {
  const nul = body.indexOf(0);
  return checkName(fromBuffer(body, 0, nul < 0 ? body.length : nul), 'long name', offset);
}

function takeZeros(parser: Parser, chunk: Buffer, at: number): number {
  for (let i = at; i < chunk.length; i++) {
    if (chunk[i] !== 0) refuse('data behind the end of the archive', parser.offset + i - at);
  }
  return chunk.length;
}
