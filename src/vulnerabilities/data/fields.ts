/** An object of a JSON text whose fields are yet to be looked at. */
export type Fields = Readonly<Record<string, unknown>>;

const SUMMARY_MAX = 240;

/** Undefined for what is no object. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** A short text, or undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 4096 ? value : undefined;
}

/** The texts of a list; what is no text is left out. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => textOf(one) !== undefined) : [];
}

/** The beginning of a text as one line; empty for what is no text. */
export function summaryOf(value: unknown): string {
  if (typeof value !== 'string') return '';
  const line = value
    .slice(0, 4 * SUMMARY_MAX)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
  return line.length <= SUMMARY_MAX ? line : `${line.slice(0, SUMMARY_MAX - 3).trimEnd()}...`;
}

type Failing = (where: string, what: string) => never;

/** A name that a source package can have. */
export function sourceNameOf(text: string, fail: Failing): string {
  return /^[a-zA-Z0-9][a-zA-Z0-9+._-]{0,200}$/.test(text) ? text : fail('', 'is in no source package');
}

/** A name that a vulnerability can have. */
export function vulnerabilityId(text: string, fail: Failing): string {
  return /^[A-Za-z][A-Za-z0-9]*-[A-Za-z0-9._:-]{1,80}$/.test(text)
    ? text
    : fail('', 'is no name of a vulnerability');
}
