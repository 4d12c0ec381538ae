import { invalidSetting as invalid, partOf, readConfiguration, sizeOf } from '../../configuration/index.ts';
import type { Retention } from '../../deployment/index.ts';
import { CONFIGURATION_FILE, type Host } from '../../host/index.ts';

const DEFAULTS = { deployments: 3, days: 0, free: '5%', cache: '100M' };
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
  const part = partOf(String(value));
  return part === undefined ? undefined : { part };
}
