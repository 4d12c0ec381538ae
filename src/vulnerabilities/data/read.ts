import { FormatError, withContext } from '../../errors/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import { isDirectory, listDirectory } from '../../fs/index.ts';
import { decompress, type Sys } from '../../sys/index.ts';
import type { DataKind, ReleaseEntry } from '../model.ts';
import { advisoriesReader } from './advisories.ts';
import { osvReader } from './osv.ts';
import { trackerReader } from './tracker.ts';
import { readZip } from './zip.ts';

/** Takes what was read, in the order of the data. */
export type OnEntries = (entries: readonly ReleaseEntry[]) => void;

interface Reader {
  push(piece: Buffer): ReleaseEntry[];
  end(): ReleaseEntry[];
}

const PIECE_BYTES = 256 * 1024;
/** Data that is larger when it is unpacked is refused: what Debian and Ubuntu publish has a tenth of it. */
const UNPACKED_MAX_BYTES = 4 * 1024 ** 3;
/** So much of the beginning says what it is. */
const SNIFFED_BYTES = 4096;

const READERS: Readonly<Record<DataKind, () => Reader>> = {
  tracker: trackerReader,
  osv: osvReader,
  advisories: advisoriesReader,
};

/**
 * Reads data about vulnerabilities: the JSON of Debian's tracker, records of OSV (JSON, JSON lines, a zip of them, a directory of them),
 * or a list of advisories; compressed or not, whatever its name. Memory does not depend on its size. FormatError, which names `name`,
 * for everything else.
 */
export function readData(
  sys: Sys,
  from: { readonly path: string; readonly name: string },
  onEntries: OnEntries,
): Promise<DataKind> {
  return withContext(`reading ${from.name}`, () => read(sys, from, onEntries));
}

async function read(
  sys: Sys,
  { path, name }: { readonly path: string; readonly name: string },
  onEntries: OnEntries,
): Promise<DataKind> {
  if (isDirectory(sys, path)) return readDirectory(sys, path, onEntries);
  const fd = sys.openFollowing(path);
  try {
    const first = Buffer.alloc(4);
    sys.read(fd, first, 0);
    if (first.toString('latin1') === 'PK\x03\x04') {
      const reader = osvReader();
      await readZip({ sys, fd, name, maxBytes: UNPACKED_MAX_BYTES }, piece => onEntries(reader.push(piece)));
      onEntries(reader.end());
      return 'osv';
    }
    const sniffing = sniffed(name, onEntries);
    let position = 0;
    const readNext = (buffer: Buffer) => {
      const count = sys.read(fd, buffer, position);
      position += count;
      return count;
    };
    unpack(first, { read: readNext, write: limited(name, sniffing.push) });
    return sniffing.end();
  } finally {
    sys.close(fd);
  }
}

function readDirectory(sys: Sys, path: string, onEntries: OnEntries): DataKind {
  const reader = osvReader();
  const names = listDirectory(sys, path).map(toText);
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (const name of names.filter(one => one.endsWith('.json'))) {
    const fd = sys.openFollowing(`${path}/${name}`);
    try {
      for (let count = sys.read(fd, buffer, null); count > 0; count = sys.read(fd, buffer, null))
        onEntries(reader.push(buffer.subarray(0, count)));
      onEntries(reader.push(Buffer.from('\n')));
    } finally {
      sys.close(fd);
    }
  }
  onEntries(reader.end());
  return 'osv';
}

function unpack(
  first: Buffer,
  streams: { read: (buffer: Buffer) => number; write: (piece: Buffer) => void },
): void {
  if (first[0] === 0x1f && first[1] === 0x8b) decompress('gzip', { ...streams, concatenated: true });
  else if (first.toString('latin1', 1) === '7zX') decompress('xz', streams);
  else {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    for (let count = streams.read(buffer); count > 0; count = streams.read(buffer))
      streams.write(buffer.subarray(0, count));
  }
}

function limited(name: string, push: (piece: Buffer) => void): (piece: Buffer) => void {
  let size = 0;
  return piece => {
    size += piece.length;
    if (size > UNPACKED_MAX_BYTES)
      throw new FormatError(name, `it has more than ${UNPACKED_MAX_BYTES} bytes when it is unpacked`);
    push(piece);
  };
}

/** Chooses the reader by how the data begins. */
function sniffed(name: string, onEntries: OnEntries) {
  let head = Buffer.alloc(0);
  let chosen: { readonly kind: DataKind; readonly reader: Reader } | undefined;
  const choose = (): { readonly kind: DataKind; readonly reader: Reader } => {
    const kind = kindOf(head.toString('latin1'));
    if (kind === undefined) throw unknown(name, head);
    chosen = { kind, reader: READERS[kind]() };
    onEntries(chosen.reader.push(head));
    return chosen;
  };
  return {
    push(piece: Buffer): void {
      if (chosen !== undefined) {
        onEntries(chosen.reader.push(piece));
        return;
      }
      head = Buffer.concat([head, piece]);
      if (head.length >= SNIFFED_BYTES) choose();
    },
    end(): DataKind {
      const { kind, reader } = chosen ?? choose();
      onEntries(reader.end());
      return kind;
    },
  };
}

/** The first names in records of OSV (ossf.github.io/osv-schema). */
const OSV_KEYS =
  /^(?:schema_version|id|modified|published|withdrawn|aliases|upstream|related|summary|details|severity|affected|references|credits|database_specific)$/;

function kindOf(head: string): DataKind | undefined {
  if (/^\s*\[\d{1,2} [A-Z][a-z]{2} \d{4}\] [A-Z]+-\d/.test(head)) return 'advisories';
  const [, key, value] = /^\s*\{\s*(?:"((?:[^"\\]|\\.)*)"\s*:\s*(.)|\})/s.exec(head) ?? [];
  if (key === undefined) return undefined;
  if (OSV_KEYS.test(key) && value !== '{') return 'osv';
  return value === '{' ? 'tracker' : undefined;
}

function unknown(name: string, head: Buffer): FormatError {
  const shown = JSON.stringify(head.toString('latin1', 0, 40).replace(/[^\x20-\x7e]+/g, ' '));
  const what = head.length === 0 ? 'it is empty' : `it begins with ${shown}`;
  return new FormatError(
    name,
    `${what}, which is no data about vulnerabilities`,
    {},
    {
      hint: "it can be the JSON of Debian's security tracker, records of OSV, or the tracker's list of advisories",
    },
  );
}
