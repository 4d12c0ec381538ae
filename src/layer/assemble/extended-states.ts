import { type ByteString, fromText, toBuffer } from '../../formats/bytes/index.ts';
import {
  type FieldPair,
  fieldPairs,
  fieldValue,
  parseStanzas,
  serializeStanza,
} from '../../formats/deb822/index.ts';
import { fileAt, type ReadFile } from './dpkg-database.ts';
import type { AssemblyPackage } from './package.ts';
import type { RecordWriter } from './record-writer.ts';
import { pathOf, resolveFile } from './workspace.ts';

interface StateOptions {
  readonly automatic: ReadonlySet<string>;
  readonly nativeArchitecture: string;
  readonly read: ReadFile;
}

const EXTENDED_STATES = fromText('/var/lib/apt/extended_states');

/**
 * apt's record of packages that it may remove again when nothing needs them. What it had about a package that is new
 * is no longer true and goes; without automatic packages the file stays as it is.
 */
export function addExtendedStates(
  writer: RecordWriter,
  packages: readonly AssemblyPackage[],
  { automatic, nativeArchitecture, read }: StateOptions,
): void {
  const key = (name: string, architecture: string) => `${name}:${architecture}`;
  const architectureOf = (one: AssemblyPackage) =>
    one.architecture === 'all' ? nativeArchitecture : one.architecture;
  const added = packages.filter(
    one => automatic.has(one.name) || automatic.has(key(one.name, architectureOf(one))),
  );
  if (added.length === 0) return;
  const isNew = new Set(packages.map(one => key(one.name, architectureOf(one))));
  const file = fileAt(writer.workspace.root, EXTENDED_STATES);
  let text = '';
  for (const stanza of parseStanzas(file === undefined ? Buffer.alloc(0) : read(file))) {
    const old = key(fieldValue(stanza, 'Package') ?? '', fieldValue(stanza, 'Architecture') ?? '');
    if (!isNew.has(old)) text += `${serializeStanza(fieldPairs(stanza))}\n`;
  }
  for (const one of added) {
    const fields: FieldPair[] = [
      ['Package', fromText(one.name)],
      ['Architecture', fromText(architectureOf(one))],
      ['Auto-Installed', fromText('1')],
    ];
    text += `${serializeStanza(fields)}\n`;
  }
  // The image may keep the file elsewhere: a link stays, and what it leads to is written.
  const place = resolveFile(writer.workspace.root, EXTENDED_STATES);
  const path = place === undefined ? EXTENDED_STATES : pathOf(place.parent, place.name);
  writer.write(path, toBuffer(text as ByteString));
}
