import { listDirectory, readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { type AcquireOptions, parseAptConfigDump } from '../acquire-options.ts';
import {
  environmentLogins,
  environmentProxy,
  isWithoutProxy,
  type ProxyEnvironment,
} from './environment-proxy.ts';
import { type Login, parseNetrc } from './netrc.ts';

/** How archives are reached: apt's own settings. */
export interface FetchSettings {
  readonly retries: number;
  /** Seconds without a byte after which a connection counts as dead. */
  readonly timeoutSeconds: number;
  /** The proxy for an address; undefined for a direct connection. */
  proxyFor(url: URL): URL | undefined;
  readonly logins: readonly Login[];
  readonly proxyLogins: readonly Login[];
  /** Certificates to trust instead of node's own; PEM. */
  readonly authorities: string | undefined;
  /** A setting that only apt's own methods know, if there is one: then apt has to fetch. */
  readonly unknown: string | undefined;
}

const DEFAULT_RETRIES = 3;
const DEFAULT_TIMEOUT_SECONDS = 30;
const FILE_MAX_BYTES = 4 * 1024 * 1024;
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** Client certificates, pinned issuers and the like. */
const NOT_OURS =
  /^acquire::https?::(?:[^:]+::)?(?:ssl|issuercert|crlfile|verify-|proxyautodetect|sendaccept)/;

/** Reads them out of the host's settings. */
export function fetchSettings(host: Host, acquire: AcquireOptions): FetchSettings {
  const settings = parseAptConfigDump(acquire.text).map(({ name, value }) => ({
    name: name.toLowerCase(),
    value,
  }));
  const value = (name: string) => settings.findLast(setting => setting.name === name)?.value;
  const number = (name: string, fallback: number) => {
    const found = Number(value(name) ?? '');
    return value(name) !== undefined && Number.isFinite(found) && found >= 0 ? found : fallback;
  };
  const readText = (path: string) => readFileIfExists(host.sys, path, FILE_MAX_BYTES)?.toString('utf8');
  return {
    retries: number('acquire::retries', DEFAULT_RETRIES),
    timeoutSeconds: number('acquire::http::timeout', DEFAULT_TIMEOUT_SECONDS),
    proxyFor: url =>
      isWithoutProxy(url, host.environment) ? undefined : proxyFor(url, value, host.environment),
    logins: [acquire.netrc, ...netrcParts(host, acquire.netrcParts)].flatMap(path =>
      parseNetrc(readText(path) ?? ''),
    ),
    proxyLogins: [...parseNetrc(acquire.proxyPasswords), ...environmentLogins(host.environment)],
    authorities: readText(value('acquire::https::cainfo') ?? AUTHORITIES),
    unknown: settings.find(({ name }) => NOT_OURS.test(name))?.name,
  };
}

function netrcParts(host: Host, directory: string): string[] {
  if (host.sys.lstatIfExists(directory) === undefined) return [];
  return listDirectory(host.sys, directory)
    .filter(name => name.endsWith('.conf') || !name.includes('.'))
    .sort()
    .map(name => `${directory}/${name}`);
}

/** By protocol and host, then by protocol, then that of the environment; https takes http's where it has none of its own. `DIRECT` means none. */
function proxyFor(
  url: URL,
  value: (name: string) => string | undefined,
  environment: ProxyEnvironment,
): URL | undefined {
  const kinds = url.protocol === 'https:' ? ['https', 'http'] : ['http'];
  const names = [
    ...kinds.map(kind => `acquire::${kind}::proxy::${url.hostname.toLowerCase()}`),
    ...kinds.map(kind => `acquire::${kind}::proxy`),
  ];
  const set = names.map(value).find(text => text !== undefined && text !== '');
  const found = set ?? environmentProxy(url, environment);
  if (found === '' || found.toUpperCase() === 'DIRECT') return undefined;
  return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(found) ? found : `http://${found}`);
}
