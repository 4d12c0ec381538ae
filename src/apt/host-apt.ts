import { createHash } from 'node:crypto';
import { ensureDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { Output, RunOptions } from '../process/index.ts';
import { writeForSandbox } from '../sandbox/index.ts';
import { type AcquireOptions, passwordsText } from './acquire-options.ts';
import type { ArchiveSet } from './archives.ts';
import type { AptCache } from './cache.ts';
import type { SignedSource } from './image-sources.ts';
import type { KeyringFile } from './keyring.ts';
import { parseAddress, renderSources, type SignedBy } from './sources/index.ts';
import { statusFdProgress } from './status-fd.ts';

/**
 * The host's apt under a configuration of ours: of the host's own, it knows only how archives are reached. It alone uses the
 * network and verifies; no code of an image has a part in it.
 */
export interface HostApt {
  readonly host: Host;
  readonly set: ArchiveSet;
  readonly cache: AptCache;
  readonly acquire: AcquireOptions;
  /** For its configuration and state. */
  readonly directory: string;
  readonly onOutput: (chunk: Buffer) => void;
  /** Where that ends up, for messages. */
  readonly logPath: string;
  /** What is known of the archive, for hints. */
  readonly about?: { readonly suite: string; readonly keyring: string };
}

/** Prepares it. `directory` is removed by the caller, and apt's unprivileged user must get there where it can. */
export function openHostApt(apt: HostApt): HostApt {
  const { host, directory } = apt;
  for (const name of [
    '',
    '/parts',
    '/keys',
    '/trusted',
    '/preferences.d',
    '/state',
    '/none',
    '/none/partial',
  ])
    ensureDirectory(host.sys, directory + name);
  // Copies, since apt's unprivileged user may not be able to read the originals.
  for (const keyring of apt.set.sources.flatMap(source => source.keyrings))
    write(apt, `keys/${keyName(keyring)}`, keyring.bytes);
  for (const keyring of apt.set.trusted) write(apt, `trusted/${keyName(keyring)}`, keyring.bytes);
  writeForSandbox(host.sys, `${directory}/netrc`, {
    bytes: Buffer.from(passwordsText(host.sys, apt.acquire)),
    mode: 0o600,
  });
  write(apt, 'status', '');
  write(apt, 'apt.conf', configurationOf(apt));
  useSources(apt, apt.set.sources);
  return apt;
}

/** Writes the sources that apt is to use from now on. */
export function useSources(apt: HostApt, sources: readonly SignedSource[]): void {
  const signed = sources.map(source => ({ ...source, signedBy: signedBy(apt, source) }));
  // apt-get reads it as root, and gives its download user what that needs: addresses may have logins.
  write(apt, 'archives.sources', renderSources(signed), 0o600);
}

/** Runs apt-get or apt-helper. Throws CommandFailed. */
export function callHostApt(
  apt: HostApt,
  command: readonly string[],
  options: RunOptions = {},
): Promise<Output> {
  const { host, directory, onOutput } = apt;
  const [tool = '', ...args] = command;
  return host.runner.run(
    { tool, args, env: { APT_CONFIG: `${directory}/apt.conf` } },
    { onOutput, onStatusLine: statusFdProgress(host.report, 'fetch'), ...options },
  );
}

/** An empty directory of archives: with it apt names every archive, and not only those that are not cached. */
export function noArchives({ directory }: HostApt): string {
  return `Dir::Cache::archives=${directory}/none`;
}

function write(apt: HostApt, name: string, data: string | Buffer, mode = 0o644): void {
  writeForSandbox(apt.host.sys, `${apt.directory}/${name}`, { bytes: Buffer.from(data), mode });
}

function keyName({ bytes, extension }: KeyringFile): string {
  return `${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}.${extension}`;
}

function signedBy({ directory }: HostApt, source: SignedSource): SignedBy | undefined {
  const paths = source.keyrings.map(keyring => `${directory}/keys/${keyName(keyring)}`);
  const text = [...paths, ...source.fingerprints].join(' ');
  return text === '' ? undefined : { kind: 'other', text };
}

function configurationOf(apt: HostApt): string {
  const { directory, cache, acquire, set } = apt;
  const parts = /["\r\n]/.test(acquire.netrcParts) ? [] : [`Dir::Etc::netrcparts "${acquire.netrcParts}";`];
  // A mirror that cannot be reached should show in seconds, not after apt's own patience.
  const retries = /^acquire::retries /im.test(acquire.text) ? [] : ['Acquire::Retries "2";'];
  return [
    acquire.text,
    ...retries,
    `Dir::Etc::main "/dev/null";`,
    `Dir::Etc::parts "${directory}/parts";`,
    `Dir::Etc::sourcelist "${directory}/archives.sources";`,
    `Dir::Etc::sourceparts "/dev/null";`,
    `Dir::Etc::trusted "/dev/null";`,
    `Dir::Etc::trustedparts "${directory}/trusted";`,
    `Dir::Etc::preferences "/dev/null";`,
    `Dir::Etc::preferencesparts "${directory}/preferences.d";`,
    `Dir::Etc::netrc "${directory}/netrc";`,
    ...parts,
    `Dir::State "${directory}/state";`,
    `Dir::State::status "${directory}/status";`,
    `Dir::State::lists "${cache.lists}";`,
    `Dir::Cache "${cache.packageCache}";`,
    `Dir::Cache::archives "${cache.archives}";`,
    `APT::Architecture "${set.architectures[0] ?? apt.host.architecture}";`,
    ...set.architectures.map(name => `APT::Architectures:: "${name}";`),
    'APT::Install-Recommends "false";',
    'APT::Get::Assume-Yes "true";',
    'APT::Keep-Downloaded-Packages "true";',
    'APT::Color "0";',
    'APT::Status-Fd "3";',
    ...(isReachable(apt) ? [] : ['APT::Sandbox::User "root";']),
    // Uncompressed, and nothing but packages: what apt of any release can read.
    'Acquire::Languages "none";',
    'Acquire::GzipIndexes "false";',
    'Acquire::ForceHash "SHA256";',
    'Acquire::Check-Valid-Until "true";',
    'Acquire::Check-Date "true";',
    '',
  ].join('\n');
}

/** Whether the user that apt downloads as gets to its configuration, and to the directories that are archives. */
function isReachable({ host, directory, set }: HostApt): boolean {
  const local = set.sources.flatMap(source => source.uris.map(parseAddress));
  const paths = local.flatMap(address => (address?.host === '' ? [address.path] : []));
  return [directory, ...paths].every(path => {
    const names = path.split('/');
    return names.every((_, index) => {
      const stat = host.sys.lstatIfExists(names.slice(0, index + 1).join('/') || '/');
      return stat === undefined || (stat.mode & 0o001) !== 0;
    });
  });
}
