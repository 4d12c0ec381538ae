import { ensureDirectory, readFileIfExists } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { CommandFailed, type Output } from '../process/index.ts';
import { step } from '../report/index.ts';
import { type AcquireOptions, passwordsText, readAcquireOptions } from './acquire-options.ts';
import type { BootstrapPlan, BootstrapVariant } from './bootstrap-plan.ts';
import { packagesOfVariant } from './bootstrap-set.ts';
import { type AptCache, aptCache, ensureAptCache, recordMetadata } from './cache.ts';
import { classifyAptFailure } from './failure.ts';
import { fetchStep } from './fetch/index.ts';
import { readKeyring } from './keyring.ts';
import { fetchArchives } from './operations.ts';
import type { Resolution } from './request.ts';
import { writeForSandbox } from './sandbox-file.ts';
import { parseResolution } from './simulation.ts';
import { renderSources } from './sources/index.ts';
import { statusFdProgress } from './status-fd.ts';

/**
 * The host's apt looking at an archive that is not the host's, for a system that does not exist yet: nothing of the
 * host's own configuration but how archives are reached.
 */
export interface BootstrapArchive {
  readonly host: Host;
  readonly plan: BootstrapPlan;
  readonly acquire: AcquireOptions;
  readonly cache: AptCache;
  readonly configuration: string;
  /** An empty directory of archives: with it apt names every archive, and not only those that are not cached. */
  readonly noArchives: string;
  readonly onOutput: (chunk: Buffer) => void;
}

export interface ArchiveOptions {
  readonly sysroot: string;
  /** For apt's configuration and state; removed by the caller. */
  readonly directory: string;
  readonly onOutput: (chunk: Buffer) => void;
}

/** Prepares it. Throws SIGNATURE when the keyring is none. */
export async function openBootstrapArchive(
  host: Host,
  plan: BootstrapPlan,
  options: ArchiveOptions,
): Promise<BootstrapArchive> {
  const { sys } = host;
  const text = renderSources(plan.sources.map(source => ({ ...source, signedBy: undefined })));
  const cache = aptCache(
    options.sysroot,
    ['bootstrap', plan.architecture, plan.keyring.sha256, text].join('\0'),
  );
  ensureAptCache(host, cache);
  const { directory } = options;
  for (const name of ['', '/parts', '/trusted', '/preferences.d', '/state', '/none', '/none/partial'])
    ensureDirectory(sys, directory + name);
  const { bytes, extension } = readKeyring(sys, plan.keyring.path);
  // A copy, since apt's unprivileged user may not be able to read the original.
  const keyring = `${directory}/keyring.${extension}`;
  const sources = plan.sources.map(source => ({
    ...source,
    signedBy: { kind: 'file', path: keyring } as const,
  }));
  const acquire = await readAcquireOptions(host);
  const write = (name: string, data: string | Buffer, mode: number) =>
    writeForSandbox(sys, `${directory}/${name}`, { bytes: Buffer.from(data), mode });
  write(`keyring.${extension}`, bytes, 0o644);
  write('base.sources', renderSources(sources), 0o644);
  write('netrc', passwordsText(sys, acquire), 0o600);
  write('status', '', 0o644);
  write('apt.conf', configurationOf(host, plan, { directory, cache, acquire }), 0o644);
  return {
    host,
    plan,
    acquire,
    cache,
    configuration: `${directory}/apt.conf`,
    noArchives: `${directory}/none`,
    onOutput: options.onOutput,
  };
}

function configurationOf(
  host: Host,
  plan: BootstrapPlan,
  places: { directory: string; cache: AptCache; acquire: AcquireOptions },
): string {
  const { directory, cache, acquire } = places;
  const parts = /["\r\n]/.test(acquire.netrcParts) ? [] : [`Dir::Etc::netrcparts "${acquire.netrcParts}";`];
  // A mirror that cannot be reached should show in seconds, not after apt's own patience.
  const retries = /^acquire::retries /im.test(acquire.text) ? [] : ['Acquire::Retries "2";'];
  return [
    acquire.text,
    ...retries,
    `Dir::Etc::main "/dev/null";`,
    `Dir::Etc::parts "${directory}/parts";`,
    `Dir::Etc::sourcelist "${directory}/base.sources";`,
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
    `APT::Architecture "${plan.architecture}";`,
    `APT::Architectures "${plan.architecture}";`,
    'APT::Install-Recommends "false";',
    'APT::Get::Assume-Yes "true";',
    'APT::Keep-Downloaded-Packages "true";',
    'APT::Color "0";',
    'APT::Status-Fd "3";',
    ...(isReachable(host, directory) ? [] : ['APT::Sandbox::User "root";']),
    'Acquire::Languages "none";',
    'Acquire::GzipIndexes "false";',
    'Acquire::ForceHash "SHA256";',
    '',
  ].join('\n');
}

/** Whether the user that apt downloads as gets to a directory. */
function isReachable(host: Host, directory: string): boolean {
  const parts = directory.split('/');
  return parts.every((_, index) => {
    const path = parts.slice(0, index + 1).join('/');
    return path === '' || (host.sys.lstat(path).mode & 0o001) !== 0;
  });
}

/** Fetches the index files, signatures verified. Throws NETWORK, SIGNATURE or RESOLVE_FAILED for a suite that is not there. */
export function refreshBootstrap(archive: BootstrapArchive): Promise<void> {
  return step(archive.host.report, 'refresh', 'Fetching package lists', async () => {
    await call(archive, ['apt-get', '-q', '-o', 'APT::Update::Error-Mode=any', 'update']);
    recordMetadata(archive.host, archive.cache);
  });
}

/** The packages of a variant with all they need, and which of them `Essential: yes` asks for. Throws RESOLVE_FAILED. */
export async function resolveBootstrap(
  archive: BootstrapArchive,
  variant: BootstrapVariant,
): Promise<Resolution & { readonly requested: readonly string[] }> {
  const format = ['--format', '$(FILENAME)', 'Created-By: Packages'];
  const indexes = await call(archive, ['apt-get', 'indextargets', ...format]);
  const files = indexes.stdout
    .toString('utf8')
    .split('\n')
    .filter(line => line !== '');
  const contents = files.flatMap(file => readIndex(archive.host, file));
  const https = archive.plan.sources.some(source => source.uris.some(uri => uri.startsWith('https:')));
  // Named, so that an archive without it is an error. Its apt must reach the same mirror.
  const always = ['apt', ...(https ? ['ca-certificates'] : [])];
  const requested = [...new Set([...packagesOfVariant(contents, variant), ...always])].sort();
  const listed = await call(archive, [
    ...['apt-get', '-q', 'install', '--print-uris', '-o', `Dir::Cache::archives=${archive.noArchives}`],
    ...['--', ...requested],
  ]);
  return { ...parseResolution(listed.stdout.toString('utf8')), requested };
}

const INDEX_MAX_BYTES = 1024 ** 3;

function readIndex(host: Host, file: string): Buffer[] {
  const bytes = readFileIfExists(host.sys, file, INDEX_MAX_BYTES);
  return bytes === undefined ? [] : [bytes];
}

/** Puts the archives of packages into the cache, each checked against its hash. Throws NETWORK or INTEGRITY. */
export function fetchBootstrap(
  archive: BootstrapArchive,
  packages: Resolution['install'],
  network: boolean,
): Promise<void> {
  const { host, cache, acquire } = archive;
  return fetchArchives(host, { acquire, cache, packages, network, byApt: rest => fetchByApt(archive, rest) });
}

function fetchByApt(archive: BootstrapArchive, packages: Resolution['install']): Promise<void> {
  return fetchStep(archive.host.report, packages, async () => {
    const names = packages.map(entry => `${entry.name}=${entry.version}`);
    await call(archive, ['apt-get', '-q', 'install', '--download-only', '--', ...names]);
  });
}

async function call(archive: BootstrapArchive, command: readonly string[]): Promise<Output> {
  const { host, plan, configuration, onOutput } = archive;
  const [tool = '', ...args] = command;
  try {
    return await host.runner.run(
      { tool, args, env: { APT_CONFIG: configuration } },
      { onOutput, onStatusLine: statusFdProgress(host.report, 'fetch') },
    );
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const { suite, architecture, keyring } = plan;
    const said = `${error.stdoutTail}\n${error.stderrTail}`;
    throw classifyAptFailure(said, { cause: error, suite, architecture, keyring: keyring.path });
  }
}
