import { AptLayerError } from '../errors/index.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The bytes that a size such as `500M` or `2G` names; undefined for what is none. */
export function sizeOf(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)([KMGT]?)(?:iB|B)?$/i.exec(text);
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ''];
  return match === null || unit === undefined ? undefined : Math.floor(Number(match[1]) * unit);
}

/** The part that `5%` names; undefined for what is none. */
export function partOf(text: string): number | undefined {
  const percent = /^(\d{1,2}(?:\.\d{1,3})?)%$/.exec(text)?.[1];
  return percent === undefined ? undefined : Number(percent) / 100;
}

/** The milliseconds that a time such as `90s`, `30m`, `2h` or `7d` names; undefined for what is none. */
export function timeOf(text: string): number | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (SECONDS[match[2] ?? ''] ?? 0) * 1000;
}

/** CONFIG_INVALID for a key of the configuration at `path`. `hint` says what it takes. */
export function invalidSetting(path: string, key: string, value: unknown, hint: string): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', `${path}: ${key} is ${JSON.stringify(value)}`, { hint });
}
