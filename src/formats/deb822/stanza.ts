import { FormatError } from '../../errors/index.ts';
import type { ByteString } from '../bytes/index.ts';

/** One field. `value` is described at `parseStanzas`. */
export interface Field {
  /** As written; names differ in case only between equal fields. */
  readonly name: string;
  readonly value: ByteString;
  /** Of the field's name, from 1. */
  readonly line: number;
}

/** A paragraph of fields: a package, a repository, a release. */
export interface Stanza {
  /** Of the first field, from 1. */
  readonly line: number;
  /** By name in lower case, in the order of the file. */
  readonly fields: ReadonlyMap<string, Field>;
}

/** The value of a field, whatever the case of its name. */
export function fieldValue(stanza: Stanza, name: string): ByteString | undefined {
  return stanza.fields.get(name.toLowerCase())?.value;
}

/** The same for a field that must be there and not empty: FormatError with the stanza's line. */
export function requiredValue(stanza: Stanza, name: string): ByteString {
  const field = stanza.fields.get(name.toLowerCase());
  if (field !== undefined && field.value !== '') return field.value;
  return refuse(
    field === undefined ? `no field ${name}` : `field ${name} is empty`,
    field?.line ?? stanza.line,
  );
}

/** Refuses a control file, as being wrong at a line. */
export function refuse(reason: string, line: number): never {
  throw new FormatError(
    'deb822',
    reason,
    { line },
    { hint: 'deb822(5) and deb-control(5) describe the format' },
  );
}
