import type { Retention } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import { CONFIGURATION_FILE, readConfiguration } from './configuration.ts';

const DEFAULTS = { deployments: 3, days: 0, free: '5%', cache: '100M' };
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const COUNT_MAX = 10_000;

/** `keep-deployments`, `keep-days`, `keep-free` and `cache-size` of a machine's configuration. CONFIG_INVALID names the key and what it takes. */
export function readRetention(host: Pick<Host, 'sys'>, path = CONFIGURATION_FILE): Retention {
  const settings = readConfiguration(host, path);
  const count = (key: string, otherwise: number) => {
    const value = settings[key] ?? otherwise;
    if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= COUNT_MAX) return Number(value);
    throw invalid(path, key, value, 'write a whole number, such as 3');
  };
  const size = (key: string, otherwise: string) => {
    const value = settings[key] ?? otherwise;
    const bytes = sizeOf(String(value));
    if (bytes === undefined) throw invalid(path, key, value, 'write a size, such as 500M or 2G');
    return bytes;
  };
  return {
    deployments: count('keep-deployments', DEFAULTS.deployments),
    days: count('keep-days', DEFAULTS.days),
    free: freeOf(settings['keep-free'] ?? DEFAULTS.free) ?? { bytes: size('keep-free', DEFAULTS.free) },
    cacheBytes: size('cache-size', DEFAULTS.cache),
  };
}

function freeOf(value: unknown): { part: number } | undefined {
  const percent = /^(\d{1,2}(?:\.\d{1,3})?)%$/.exec(String(value))?.[1];
  return percent === undefined ? undefined : { part: Number(percent) / 100 };
}

function sizeOf(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)([KMGT]?)(?:iB|B)?$/i.exec(text);
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ''];
  return match === null || unit === undefined ? undefined : Math.floor(Number(match[1]) * unit);
}

function invalid(path: string, key: string, value: unknown, hint: string): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', `${path}: ${key} is ${JSON.stringify(value)}`, { hint });
}
