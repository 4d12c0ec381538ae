import { type ByteString, toText } from '../formats/bytes/index.ts';
import { fieldValue, parseStanzas, requiredValue, type Stanza } from '../formats/deb822/index.ts';
import { type InstalledPackage, isThere } from './installed.ts';

/** A package on record with what lists and comparisons show of it. */
export interface PackageRecord extends InstalledPackage {
  /** What its maintainer says it takes; 0 when the record does not say. */
  readonly installedBytes: number;
  /** The source package that it was built from. */
  readonly source: string;
  /** That of the package itself, unless its record says otherwise. */
  readonly sourceVersion: string;
  /** Such as `libs` or `non-free/net`; empty when the record does not say. */
  readonly section: string;
  /** The first line of its description. */
  readonly summary: string;
  /** Name and address of who maintains it; empty when the record does not say. */
  readonly maintainer: string;
  /** Whose it is by its own word, the field `Origin`; empty for those of Debian and most others, which say nothing. */
  readonly declaredVendor: string;
  /** As the record has them, without those that it does not have. */
  readonly relations: Readonly<Partial<Record<Relation, string>>>;
}

/** The fields by which packages need each other, and those that name the sources of which there is code in a package. */
export type Relation = (typeof RELATIONS)[number];

export const RELATIONS = [
  'Pre-Depends',
  'Depends',
  'Recommends',
  'Provides',
  'Built-Using',
  'Static-Built-Using',
] as const;
const FIELDS = [
  ...['Package', 'Status', 'Architecture', 'Version', 'Installed-Size', 'Source', 'Section', 'Description'],
  ...['Maintainer', 'Origin'],
  ...RELATIONS,
];

/** The packages of a dpkg status file as `parseInstalled` has them, with more of what it says. FormatError likewise. */
export function parseRecords(status: Buffer): Map<string, PackageRecord> {
  const records = new Map<string, PackageRecord>();
  for (const stanza of parseStanzas(status, { only: FIELDS })) {
    if (!isThere(stanza)) continue;
    const name = toText(requiredValue(stanza, 'Package'));
    const architecture = toText(requiredValue(stanza, 'Architecture'));
    const version = toText(requiredValue(stanza, 'Version'));
    const source = fieldValue(stanza, 'Source');
    records.set(`${name}:${architecture}`, {
      name,
      architecture,
      version,
      installedBytes: installedBytes(fieldValue(stanza, 'Installed-Size')),
      source: sourceName(source) ?? name,
      sourceVersion: sourceVersion(source) ?? version,
      section: firstLine(fieldValue(stanza, 'Section')),
      summary: firstLine(fieldValue(stanza, 'Description')),
      maintainer: firstLine(fieldValue(stanza, 'Maintainer')),
      declaredVendor: firstLine(fieldValue(stanza, 'Origin')),
      relations: relationsOf(stanza),
    });
  }
  return records;
}

/** `Installed-Size` counts in KiB (deb-control(5)). */
export function installedBytes(field: ByteString | undefined): number {
  return field !== undefined && /^\d{1,12}$/.test(field) ? Number(field) * 1024 : 0;
}

/** The name in a `Source` field, which may have a version in parentheses behind it. */
export function sourceName(field: ByteString | undefined): string | undefined {
  const name = toText(field ?? ('' as ByteString)).split(/[\s(]/)[0];
  return name === '' ? undefined : name;
}

/** The version in parentheses behind the name, if there is one. */
export function sourceVersion(field: ByteString | undefined): string | undefined {
  return /\(\s*([^\s)]+)\s*\)/.exec(toText(field ?? ('' as ByteString)))?.[1];
}

function relationsOf(stanza: Stanza): PackageRecord['relations'] {
  const found = RELATIONS.flatMap(field => {
    const value = fieldValue(stanza, field);
    return value === undefined ? [] : [[field, toText(value)]];
  });
  return Object.fromEntries(found) as PackageRecord['relations'];
}

/** The short description: the first line of the field. */
export function firstLine(field: ByteString | undefined): string {
  return toText(((field ?? '').split('\n')[0] ?? '') as ByteString);
}
