import { toText } from '../formats/bytes/index.ts';
import { parseStanzas, requiredValue, type Stanza } from '../formats/deb822/index.ts';

/** A package as dpkg has it on record. */
export interface InstalledPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
}

/** States (the third word of `Status`) in which no file of the package is there. */
const NOT_THERE: readonly string[] = ['not-installed', 'config-files'];

/**
 * The packages of a dpkg status file by `name:architecture`, half-installed ones included. FormatError with the line
 * for a file that dpkg could not have written.
 */
export function parseInstalled(status: Buffer): Map<string, InstalledPackage> {
  const installed = new Map<string, InstalledPackage>();
  const only = ['Package', 'Status', 'Architecture', 'Version'];
  for (const stanza of parseStanzas(status, { only })) {
    if (!isThere(stanza)) continue;
    const name = toText(requiredValue(stanza, 'Package'));
    const version = toText(requiredValue(stanza, 'Version'));
    const architecture = toText(requiredValue(stanza, 'Architecture'));
    installed.set(`${name}:${architecture}`, { name, architecture, version });
  }
  return installed;
}

/** Whether a stanza of a status file is about a package of which there are files. */
export function isThere(stanza: Stanza): boolean {
  const state = toText(requiredValue(stanza, 'Status')).split(' ')[2] ?? '';
  return !NOT_THERE.includes(state);
}
