import { AptLayerError } from '../errors/index.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** No disk is larger: what is above cannot be a size that was meant. */
const MAX_BYTES = 2 ** 52;

/** A size such as `4G`, `512MiB` or `1000000` (bytes; units are powers of 1024) in bytes. USAGE otherwise. */
export function parseSize(what: string, text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)([KMGT]?)(?:iB|B)?$/i.exec(text);
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ''];
  const bytes = match === null || unit === undefined ? Number.NaN : Math.floor(Number(match[1]) * unit);
  if (bytes > 0 && bytes <= MAX_BYTES) return bytes;
  throw new AptLayerError('USAGE', `${what}: ${JSON.stringify(text)} is not a size`, {
    hint: 'give a number with K, M, G or T behind it, such as 4G',
  });
}

/** Bytes for people, in whole MiB; rounded up, since it says what is needed. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
