import { FormatError } from '../../errors/index.ts';
import type { ByteString } from '../../formats/bytes/index.ts';
import {
  type Conffile,
  fieldValue,
  parseConffiles,
  parseStanzas,
  type Stanza,
} from '../../formats/deb822/index.ts';
import { infoNameOf } from './package.ts';

/** What dpkg's status file says of one package. */
export interface InstalledPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly multiArch: string;
  readonly essential: boolean;
  /** `install`, `hold`, `deinstall`, `purge`, `unknown`. */
  readonly want: string;
  /** `installed`, `unpacked`, `config-files`, `not-installed` ... */
  readonly state: string;
  readonly infoName: string;
  readonly conffiles: readonly Conffile[];
  /** Relations, unparsed: few of them are ever needed. */
  readonly provides: string;
  readonly replaces: string;
}

/** The packages of a status file in its order. FormatError with the line for a stanza without its fields. */
export function parseStatus(text: Buffer): InstalledPackage[] {
  const packages: InstalledPackage[] = [];
  for (const stanza of parseStanzas(text)) packages.push(installedPackage(stanza));
  return packages;
}

/** States in which files or control members of a package are there. */
export function isPresent(installed: InstalledPackage): boolean {
  return installed.state !== 'not-installed' && installed.state !== 'config-files';
}

/** Whether others may rely on it. */
export function isConfigured(installed: InstalledPackage): boolean {
  return ['installed', 'triggers-pending', 'triggers-awaited'].includes(installed.state);
}

function installedPackage(stanza: Stanza): InstalledPackage {
  const text = (field: string) => fieldValue(stanza, field) ?? ('' as ByteString);
  const [want, , state] = text('Status').split(' ');
  const name = text('Package');
  if (name === '' || want === undefined || state === undefined)
    throw new FormatError('dpkg status', 'a stanza without Package or Status', { line: stanza.line });
  const multiArch = text('Multi-Arch') === '' ? 'no' : text('Multi-Arch');
  const architecture = text('Architecture');
  const conffiles = stanza.fields.get('conffiles');
  return {
    name,
    architecture,
    version: text('Version'),
    multiArch,
    essential: text('Essential') === 'yes',
    want,
    state,
    infoName: infoNameOf({ name, architecture, multiArch }),
    conffiles: conffiles === undefined ? [] : parseConffiles(conffiles.value, conffiles.line),
    provides: text('Provides'),
    replaces: text('Replaces'),
  };
}

/** Whether some version of a package is there, for the same architecture. */
export function isInstalled(
  database: { readonly packages: ReadonlyMap<string, readonly InstalledPackage[]> },
  one: { readonly name: string; readonly architecture: string },
): boolean {
  const instances = database.packages.get(one.name) ?? [];
  return instances.some(other => isPresent(other) && other.architecture === one.architecture);
}
