import { type ByteString, fromText, toBuffer } from '../../formats/bytes/index.ts';
import {
  type FieldPair,
  fieldPairs,
  fieldValue,
  parseStanzas,
  serializeStanza,
} from '../../formats/deb822/index.ts';
import { contentOf, type Tree, withNode } from '../../formats/tree/index.ts';
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
  for (const one of added) text += automaticStanza(one.name, architectureOf(one));
  // The image may keep the file elsewhere: a link stays, and what it leads to is written.
  const place = resolveFile(writer.workspace.root, EXTENDED_STATES);
  const path = place === undefined ? EXTENDED_STATES : pathOf(place.parent, place.name);
  writer.write(path, toBuffer(text as ByteString));
}

/**
 * The tree with apt's record in one order, by name and architecture, and with those of `packages` in it that were not asked for. What it has about
 * others stays.
 */
export function markedAutomatic(
  tree: Tree,
  packages: readonly { readonly name: string; readonly architecture: string; readonly requested: boolean }[],
  {
    nativeArchitecture,
    read,
    put,
  }: Omit<StateOptions, 'automatic'> & { readonly put: (bytes: Buffer) => string },
): Tree {
  if (packages.length === 0) return tree;
  const file = fileAt(tree, EXTENDED_STATES);
  const before = file === undefined ? Buffer.alloc(0) : read(file);
  const stanzas = new Map<string, string>();
  for (const stanza of parseStanzas(before)) {
    const name = fieldValue(stanza, 'Package') ?? '';
    const architecture = fieldValue(stanza, 'Architecture') ?? '';
    stanzas.set(`${name}:${architecture}`, `${serializeStanza(fieldPairs(stanza))}\n`);
  }
  for (const one of packages) {
    const architecture = one.architecture === 'all' ? nativeArchitecture : one.architecture;
    const key = `${one.name}:${architecture}`;
    if (one.requested) stanzas.delete(key);
    else stanzas.set(key, automaticStanza(one.name, architecture));
  }
  const text = [...stanzas].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stanza]) => stanza);
  const bytes = toBuffer(text.join('') as ByteString);
  if (bytes.equals(before)) return tree;
  const place = resolveFile(tree, EXTENDED_STATES);
  const path = place === undefined ? EXTENDED_STATES : pathOf(place.parent, place.name);
  if (bytes.length === 0) return withNode(tree, path, undefined);
  const { mtime, mtimeNsec } = file ?? tree;
  const metadata = { mode: 0o644, uid: 0, gid: 0, mtime, mtimeNsec, xattrs: undefined };
  const content = contentOf(bytes, put);
  return withNode(tree, path, { ...metadata, kind: 'file', size: bytes.length, content, nlink: 1 });
}

function automaticStanza(name: string, architecture: string): string {
  const fields: FieldPair[] = [
    ['Package', fromText(name)],
    ['Architecture', fromText(architecture)],
    ['Auto-Installed', fromText('1')],
  ];
  return `${serializeStanza(fields)}\n`;
}
