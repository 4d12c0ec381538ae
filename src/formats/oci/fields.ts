import { FormatError } from '../../errors/index.ts';

/** A JSON value, and where in which document it is. */
export interface Field {
  readonly document: string;
  /** `layers[0].digest`; empty for the document itself. */
  readonly path: string;
  readonly value: unknown;
}

/** The document in some bytes. FormatError when they are not JSON. */
export function parseDocument(document: string, bytes: Buffer): Field {
  try {
    return { document, path: '', value: JSON.parse(bytes.toString('utf8')) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FormatError(document, 'it is not JSON', {}, { cause: error });
  }
}

/** A member of an object; its value is undefined when it is not there. FormatError when `field` is no object. */
export function member(field: Field, name: string): Field {
  const { document, path, value } = field;
  if (!isObject(value)) throw wrong(field, 'an object');
  const inner = Object.hasOwn(value, name) ? value[name] : undefined;
  return { document, path: path === '' ? name : `${path}.${name}`, value: inner };
}

export function isAbsent(field: Field): boolean {
  return field.value === undefined || field.value === null;
}

export function text(field: Field): string {
  if (typeof field.value !== 'string') throw wrong(field, 'text');
  return field.value;
}

/** A whole number from 0 on. */
export function count(field: Field): number {
  const { value } = field;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong(field, 'a whole number');
  return value as number;
}

/** The elements of an array; none when it is absent. */
export function elements(field: Field): Field[] {
  if (isAbsent(field)) return [];
  const { document, path, value } = field;
  if (!Array.isArray(value)) throw wrong(field, 'a list');
  return value.map((item: unknown, index) => ({ document, path: `${path}[${index}]`, value: item }));
}

/** Text by key; empty when it is absent. */
export function texts(field: Field): Record<string, string> {
  if (isAbsent(field)) return {};
  if (!isObject(field.value)) throw wrong(field, 'an object');
  const names = Object.keys(field.value);
  return Object.fromEntries(names.map(name => [name, text(member(field, name))]));
}

/** The members of an object but the named ones; undefined when there are no others. */
export function others(field: Field, known: readonly string[]): Record<string, unknown> | undefined {
  if (!isObject(field.value)) throw wrong(field, 'an object');
  const found = Object.entries(field.value).filter(([name]) => !known.includes(name));
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** Text, or undefined when it is absent. */
export function optionalText(field: Field): string | undefined {
  return isAbsent(field) ? undefined : text(field);
}

const SHA256 = /^sha256:([0-9a-f]{64})$/;

/** The hex digits of a digest (descriptor.md). They are safe as a file name. */
export function sha256(field: Field): string {
  const hex = SHA256.exec(text(field))?.[1];
  if (hex === undefined) throw wrong(field, 'a digest like sha256:HEX');
  return hex;
}

export function wrong({ document, path }: Field, expected: string): FormatError {
  return new FormatError(document, path === '' ? `it is not ${expected}` : `${path} is not ${expected}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
