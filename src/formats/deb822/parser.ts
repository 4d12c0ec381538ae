import { Buffer } from 'node:buffer';
import { openScanner, type StanzaOptions, scan } from './scan.ts';
import { refuse, type Stanza } from './stanza.ts';

/**
 * The stanzas of a control file, `status`, `Packages`, `Release` or `.sources` file, one at a time: a large index never
 * needs the memory of all its packages.
 *
 * A value is what follows the colon, up to the next field: without blanks at its start and end, with its continued lines as
 * they are written, their newline and leading blank included. A value whose first line is empty (`Conffiles:`) so begins
 * with a newline. `fieldLines` takes such a value apart.
 *
 * FormatError with the line for a repeated field, a line that is neither field nor continued, a line of blanks only (on
 * which apt and dpkg disagree), and a NUL.
 */
export function parseStanzas(text: Buffer, options: StanzaOptions = {}): Generator<Stanza, void, undefined> {
  return scan(openScanner(options), text);
}

/** The only stanza of a file such as a package's `control`: FormatError when there are none or several. */
export function parseStanza(text: Buffer, options: StanzaOptions = {}): Stanza {
  const [stanza, second] = parseStanzas(text, options);
  if (second !== undefined) refuse('a second stanza, where one is allowed', second.line);
  return stanza ?? refuse('no fields', 1);
}

export interface StanzaParser {
  write(chunk: Buffer): void;
  end(): void;
}

/** Longest stanza in a stream: a Release file, which is one stanza, has a few hundred KiB. */
const STANZA_BYTES_MAX = 16 * 1024 * 1024;
const NEWLINE = 0x0a;
const SEPARATOR = Buffer.from('\n\n');

/** The same from chunks of any size, for an index that arrives from a decompressor. */
export function createStanzaParser(
  onStanza: (stanza: Stanza) => void,
  options: StanzaOptions = {},
): StanzaParser {
  const scanner = openScanner(options);
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const flush = (tail: Buffer) => {
    const text = pending.length === 0 ? tail : Buffer.concat([...pending, tail]);
    pending = [];
    pendingBytes = 0;
    for (const stanza of scan(scanner, text)) onStanza(stanza);
  };
  const keep = (chunk: Buffer) => {
    if (chunk.length === 0) return;
    pendingBytes += chunk.length;
    if (pendingBytes > STANZA_BYTES_MAX)
      refuse(`a stanza of more than ${STANZA_BYTES_MAX} bytes`, scanner.line);
    // The caller may use its buffer again.
    pending.push(Buffer.from(chunk));
  };
  return {
    write(chunk) {
      if (chunk.length === 0) return;
      const separator = chunk.lastIndexOf(SEPARATOR);
      const isSplit = chunk[0] === NEWLINE && pending.at(-1)?.at(-1) === NEWLINE;
      const end = separator >= 0 ? separator + 2 : isSplit ? 1 : 0;
      if (end > 0) flush(chunk.subarray(0, end));
      keep(chunk.subarray(end));
    },
    end() {
      flush(Buffer.alloc(0));
    },
  };
}
