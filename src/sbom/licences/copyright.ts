import { FormatError } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';
import { fieldValue, parseDescription, parseStanzas, type Stanza } from '../../formats/deb822/index.ts';
import { allOf, type Licence, licenceOf } from './expression.ts';

const FIELDS = ['Format', 'Files', 'License'];
/** As its addresses were written over the years. */
const FORMAT = /copyright-format\/1\.0|\/dep5?\b|dep-?5/i;
/** More are no copyright file that somebody wrote. */
const LICENCES_MAX = 500;

/**
 * What a machine-readable copyright file says: all licences that its files are under, or that of its header where it names no files.
 * Undefined for any other text, for one that is damaged, and where a paragraph of files does not say its licence.
 */
export function readCopyright(text: Buffer): Licence | undefined {
  const stanzas = stanzasOf(text);
  const [header, ...others] = stanzas ?? [];
  if (header === undefined || !FORMAT.test(fieldValue(header, 'Format') ?? '')) return undefined;
  const ofFiles = others.filter(one => fieldValue(one, 'Files') !== undefined);
  const sayers = ofFiles.length > 0 ? ofFiles : [header];
  const said = new Map<string, ByteString>();
  for (const one of sayers) {
    const value = fieldValue(one, 'License');
    const synopsis = value === undefined ? '' : synopsisOf(value);
    if (value === undefined || synopsis === '') return undefined;
    if (!said.has(synopsis) || hasText(value)) said.set(synopsis, value);
  }
  if (said.size > LICENCES_MAX) return undefined;
  const texts = textsOf(others);
  return allOf(
    [...said].map(([synopsis, value]) =>
      licenceOf(
        synopsis,
        name => texts.get(name.toLowerCase()) ?? (hasText(value) ? bodyOf(value) : undefined),
      ),
    ),
  );
}

function stanzasOf(text: Buffer): Stanza[] | undefined {
  try {
    return [...parseStanzas(text, { only: FIELDS, comments: true })];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

/** Texts by name in lower case: those of paragraphs that are about a licence alone come first. */
function textsOf(stanzas: readonly Stanza[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const isAlone of [true, false])
    for (const one of stanzas) {
      const value = fieldValue(one, 'License');
      if (value === undefined || !hasText(value) || (fieldValue(one, 'Files') === undefined) !== isAlone)
        continue;
      const name = synopsisOf(value).toLowerCase();
      if (!found.has(name)) found.set(name, bodyOf(value));
    }
  return found;
}

function synopsisOf(value: ByteString): string {
  return toText(parseDescription(value).summary).trim();
}

function hasText(value: ByteString): boolean {
  return value.includes('\n');
}

function bodyOf(value: ByteString): string {
  return parseDescription(value)
    .lines.map(line => toText(line.replace(/\t/g, ' ') as ByteString))
    .join('\n');
}
