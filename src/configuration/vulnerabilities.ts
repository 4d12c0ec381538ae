import { CONFIGURATION_FILE, type Host } from '../host/index.ts';
import { readConfiguration } from './file.ts';
import { invalidSetting, timeOf } from './values.ts';

/** Where data about vulnerabilities comes from, and how old it may be. */
export interface VulnerabilitySettings {
  /** https and http addresses, and paths of files and directories; the first counts where two say different things. */
  readonly addresses: readonly string[];
  readonly maxAgeMs: number;
}

const TRACKER = 'https://security-tracker.debian.org/tracker/data/json';
const ADVISORIES =
  'https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DSA/list';
const MAX_AGE = '7d';

/** `vulnerability-data` and `vulnerability-max-age` of a machine's configuration. CONFIG_INVALID names the key and what it takes. */
export function readVulnerabilitySettings(
  host: Pick<Host, 'sys'>,
  path = CONFIGURATION_FILE,
): VulnerabilitySettings {
  const settings = readConfiguration(host, path);
  const data = settings['vulnerability-data'] ?? [TRACKER, ADVISORIES];
  const addresses: unknown[] = Array.isArray(data) ? data : data === 'off' || data === false ? [] : [data];
  if (!addresses.every(isAddress))
    throw invalidSetting(
      path,
      'vulnerability-data',
      settings['vulnerability-data'],
      'write an address (https://...), the path of a file, a list of them, or off',
    );
  const age = settings['vulnerability-max-age'] ?? MAX_AGE;
  const maxAgeMs = timeOf(String(age));
  if (maxAgeMs === undefined || maxAgeMs === 0)
    throw invalidSetting(path, 'vulnerability-max-age', age, 'write a time, such as 36h or 7d');
  return { addresses, maxAgeMs };
}

function isAddress(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  return value.startsWith('/') || (/^https?:\/\/[^/]/.test(value) && URL.canParse(value));
}
