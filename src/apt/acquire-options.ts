import { readFileIfExists } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import type { Sys } from '../sys/index.ts';

/** How the host's apt gets at archives, for an apt that runs somewhere else. */
export interface AcquireOptions {
  /**
   * apt.conf text with the `Acquire::` settings, and nothing that runs commands, weakens verification or is secret.
   */
  readonly text: string;
  /** Passwords of proxies, as text for a netrc file (apt_auth.conf(5)): mode 0600, never logged. Often empty. */
  readonly proxyPasswords: string;
  /** The host's own files with passwords of archives: a file and a directory, which may not exist. */
  readonly netrc: string;
  readonly netrcParts: string;
  /**
   * Options of a source that the host's configuration asks for: lists that have expired, or are from the future, count. They
   * are about the host's own archives, and never in `text`.
   */
  readonly dates: Readonly<Record<string, string>>;
}

/** Settings that would let unsigned data in, run commands, or describe the host's own disk. */
const REFUSED =
  /^acquire::(?:allow|check-|m(?:ax|in)-|cdrom|indextargets|changelogs|compressiontypes|gzipindexes|.*(?:auto-?detect|invoke|command|helper))/i;

/** apt's own words for "verify everything", whatever the host's configuration says. */
const VERIFY = ['AllowInsecureRepositories', 'AllowWeakRepositories', 'AllowDowngradeToInsecureRepositories'];

/** Reads the host's settings through `apt-config dump`, which knows where they may be. */
export async function readAcquireOptions(host: Host): Promise<AcquireOptions> {
  const output = await host.runner.run({ tool: 'apt-config', args: ['dump', '--format', '%F "%V";%n'] });
  const settings = parseAptConfigDump(output.stdout.toString('utf8'));
  const command = settings.find(({ name, value }) => /^acquire::.*auto-?detect$/i.test(name) && value !== '');
  if (command !== undefined)
    log(
      host.report,
      'warning',
      `${command.name} is a command and is ignored; set Acquire::http::Proxy instead`,
    );
  return {
    ...renderAcquireOptions(settings),
    dates: Object.fromEntries(
      DATE_CHECKS.filter(name => isOff(settings, `acquire::${name}`)).map(name => [name, 'no']),
    ),
    netrc: directoryPath(settings, 'netrc', 'auth.conf'),
    netrcParts: directoryPath(settings, 'netrcparts', 'auth.conf.d'),
  };
}

/** Checks of a Release file's dates, as a source and (below `Acquire::`) apt's configuration name them. */
const DATE_CHECKS = ['check-valid-until', 'check-date'];

function isOff(settings: readonly AptSetting[], name: string): boolean {
  const value = settings.findLast(setting => setting.name.toLowerCase() === name)?.value ?? '';
  return /^(?:no|false|0|without|off|disable)$/i.test(value);
}

const PASSWORDS_MAX_BYTES = 1024 * 1024;

/** The host's own passwords joined with those of proxies: apt reads one such file and one directory. */
export function passwordsText(sys: Sys, acquire: AcquireOptions): string {
  const own = readFileIfExists(sys, acquire.netrc, PASSWORDS_MAX_BYTES)?.toString('utf8') ?? '';
  return `${own}\n${acquire.proxyPasswords}`;
}

export interface AptSetting {
  /** `Acquire::http::Proxy`; a name that ends in `::` is a member of a list. */
  readonly name: string;
  readonly value: string;
}

/** The lines `NAME "VALUE";` of a dump in which `%`, quotes and unprintable bytes are written %XX. Others are passed over. */
export function parseAptConfigDump(text: string): AptSetting[] {
  return text.split('\n').flatMap(line => {
    const match = /^([^\s%"{};#]+) "([^"]*)";$/.exec(line);
    return match === null ? [] : [{ name: match[1] ?? '', value: decodeHex(match[2] ?? '') }];
  });
}

function decodeHex(value: string): string {
  return value.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The settings that may leave the host as apt.conf text, then the ones that keep verification on. */
export function renderAcquireOptions(
  settings: readonly AptSetting[],
): Pick<AcquireOptions, 'text' | 'proxyPasswords'> {
  const kept = settings
    .filter(
      ({ name, value }) =>
        /^acquire::/i.test(name) && (value !== '' || name.endsWith('::')) && !REFUSED.test(name),
    )
    // apt.conf has no way to write a quote inside a value.
    .filter(({ value }) => !/["\r\n\0]/.test(value))
    .map(setting => ({ ...setting, ...withoutPassword(setting.value) }));
  const lists = new Set(kept.filter(({ name }) => name.endsWith('::')).map(({ name }) => name.slice(0, -2)));
  return {
    text: [
      // A list replaces the one it meets instead of adding to it.
      ...[...lists].map(name => `#clear ${name};`),
      ...kept.map(({ name, value }) => `${name} "${value}";`),
      ...VERIFY.map(name => `Acquire::${name} "false";`),
      '',
    ].join('\n'),
    proxyPasswords: [...new Set(kept.map(({ netrc }) => netrc))].join(''),
  };
}

/** Takes user and password out of an address and makes a netrc line of them. */
function withoutPassword(value: string): { value: string; netrc: string } {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/@\s]*)@([^/\s]+)(.*)$/i.exec(value);
  if (match === null) return { value, netrc: '' };
  const [, scheme = '', credentials = '', server = '', rest = ''] = match;
  const [user = '', ...password] = credentials.split(':');
  const words = [decodeHex(user), decodeHex(password.join(':'))];
  // A netrc word cannot be quoted; such a password is left out and the proxy will say so.
  const writable = words.every(word => /^[\x21-\x7e]+$/.test(word));
  return {
    value: `${scheme}${server}${rest}`,
    netrc: writable ? `machine ${scheme}${server} login ${words[0]} password ${words[1]}\n` : '',
  };
}

function directoryPath(settings: readonly AptSetting[], name: string, fallback: string): string {
  const value = (key: string) => settings.find(setting => setting.name.toLowerCase() === key)?.value;
  const parts = [value('dir') ?? '/', value('dir::etc') ?? 'etc/apt', value(`dir::etc::${name}`) ?? fallback];
  return parts.reduce(
    (path, part) => (part.startsWith('/') ? part : `${path.replace(/\/$/, '')}/${part}`),
    '/',
  );
}
