import { type ByteString, toBuffer } from '../../formats/bytes/index.ts';
import {
  type FieldPair,
  fieldPairs,
  parseStanzas,
  serializeConffiles,
  serializeStanza,
} from '../../formats/deb822/index.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import type { AssemblyPackage } from './package.ts';

/** Fields that dpkg writes itself, and does not take from a package. */
const RECORDED = new Set(['status', 'conffiles', 'config-version', 'triggers-pending', 'triggers-awaited']);

/** Fields that dpkg leaves out when they say `no`. */
const DEFAULT_NO = new Set(['essential', 'protected', 'multi-arch']);

/**
 * The status file with the packages as unpacked, behind those it has. The order of fields is free: dpkg writes the whole file
 * again when it configures.
 */
export function statusWith(database: DpkgDatabase, packages: readonly AssemblyPackage[]): Buffer {
  const text = packages.map(one => `${serializeStanza(stanzaOf(one))}\n`).join('') as ByteString;
  return Buffer.concat([statusWithout(database, packages), toBuffer(text)]);
}

function stanzaOf(one: AssemblyPackage): FieldPair[] {
  const fields: FieldPair[] = [];
  for (const [name, value] of fieldPairs(one.control)) {
    const key = name.toLowerCase();
    if (RECORDED.has(key) || value === '' || (value === 'no' && DEFAULT_NO.has(key))) continue;
    fields.push([name, value]);
    if (key === 'package') fields.push(['Status', 'install ok unpacked' as ByteString]);
  }
  if (one.conffiles.length > 0)
    fields.push([
      'Conffiles',
      serializeConffiles(
        one.conffiles.map(({ path, removeOnUpgrade }) => ({
          path,
          hash: 'newconffile',
          obsolete: false,
          removeOnUpgrade,
        })),
      ),
    ]);
  return fields;
}

/** dpkg remembers packages that are not installed: their stanzas must go when they are. */
function statusWithout({ status, packages }: DpkgDatabase, added: readonly AssemblyPackage[]): Buffer {
  const replaced = new Set(
    added
      .filter(one => packages.get(one.name)?.some(old => isSame(old, one)))
      .map(one => `${one.name}:${one.architecture}`),
  );
  const ended = status.length === 0 || status.subarray(-2).equals(Buffer.from('\n\n'));
  if (replaced.size === 0) return ended ? status : Buffer.concat([status, Buffer.from('\n')]);
  let text = '';
  for (const stanza of parseStanzas(status)) {
    const field = (name: string) => stanza.fields.get(name)?.value ?? '';
    if (replaced.has(`${field('package')}:${field('architecture')}`)) continue;
    // An entry of a package that was never installed here may have no architecture.
    if (field('architecture') === '' && added.some(one => one.name === field('package'))) continue;
    text += `${serializeStanza(fieldPairs(stanza))}\n`;
  }
  return toBuffer(text as ByteString);
}

function isSame(old: { architecture: string }, one: AssemblyPackage): boolean {
  return old.architecture === one.architecture || old.architecture === '';
}
