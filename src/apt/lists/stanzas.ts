import { parseStanza, type Stanza } from '../../formats/deb822/index.ts';

const NEWLINE = 0x0a;
const PACKAGE = Buffer.from('\nPackage: ');
const FIRST = PACKAGE.subarray(1);
const BLANK_LINE = Buffer.from('\n\n');

/** The stanzas of a `Packages` file for packages of these names, found without parsing the other sixty thousand. */
export function* stanzasOf(
  index: Buffer,
  names: ReadonlySet<string>,
): Generator<{ name: string; stanza: Stanza }> {
  const after = (from: number) => {
    const at = index.indexOf(PACKAGE, from);
    return at < 0 ? -1 : at + PACKAGE.length;
  };
  // The first line of a file has no newline before it.
  const first = index.subarray(0, FIRST.length).equals(FIRST) ? FIRST.length : after(0);
  for (let start = first; start >= 0; start = after(start)) {
    const end = index.indexOf(NEWLINE, start);
    const name = index.toString('latin1', start, end < 0 ? index.length : end).trim();
    if (names.has(name)) yield { name, stanza: stanzaAround(index, start) };
  }
}

/** The stanza that has a line, found by the whole of it (`SHA256: HEX`): the longer it is, the faster. */
export function* stanzasWith(index: Buffer, line: string): Generator<Stanza> {
  const wanted = Buffer.from(`\n${line}\n`);
  for (let at = index.indexOf(wanted); at >= 0; at = index.indexOf(wanted, at + 1))
    yield stanzaAround(index, at + 1);
}

function stanzaAround(index: Buffer, at: number): Stanza {
  const before = index.lastIndexOf(BLANK_LINE, at - 1);
  const end = index.indexOf(BLANK_LINE, at);
  return parseStanza(index.subarray(before < 0 ? 0 : before + 2, end < 0 ? index.length : end + 1));
}
