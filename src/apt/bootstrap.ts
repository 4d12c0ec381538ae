import { AptLayerError } from '../errors/index.ts';
import {
  ensureDirectory,
  listDirectory,
  readFileIfExists,
  removeTree,
  temporaryBeside,
} from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { type Command, CommandFailed } from '../process/index.ts';
import { step } from '../report/index.ts';
import type { Sys } from '../sys/index.ts';
import { type AcquireOptions, readAcquireOptions } from './acquire-options.ts';
import { writeBaseConfiguration } from './base-configuration.ts';
import type { BootstrapPlan } from './bootstrap-plan.ts';
import { followBootstrap } from './bootstrap-progress.ts';
import { clampTimes } from './clamp-times.ts';
import { classifyAptFailure } from './failure.ts';
import { readKeyring } from './keyring.ts';
import { scrubRoot } from './scrub.ts';
import { renderSources } from './sources/index.ts';

const MAX_NETRC_BYTES = 1024 * 1024;

export interface BootstrapOptions {
  /** Empty, or not there yet. Empty again when it fails. */
  readonly directory: string;
  /** Takes all that apt, dpkg and mmdebstrap print. */
  readonly log?: (chunk: Buffer) => void;
}

/**
 * Makes a base system in a directory out of signed packages: dpkg's records are those of an ordinary installation, and
 * nothing of this host, no cache, no log and no time of today is in it: the same packages give the same tree. Not durable: the caller imports it.
 * Needs root and mmdebstrap. Throws NETWORK, SIGNATURE, RESOLVE_FAILED and the like.
 */
export async function bootstrap(host: Host, plan: BootstrapPlan, options: BootstrapOptions): Promise<void> {
  const { directory } = options;
  const { sys } = host;
  ensureDirectory(sys, directory);
  if (listDirectory(sys, directory).length > 0)
    throw new AptLayerError('FAILED', `${directory} is not empty, so no system is made in it`, {
      hint: 'name an empty directory',
    });
  await step(host.report, 'bootstrap', `Making a base system of ${plan.suite}`, async () => {
    const aside = temporaryBeside(directory);
    ensureDirectory(sys, aside, 0o755);
    const started = Number(sys.lstat(aside).mtime);
    try {
      const acquire = await readAcquireOptions(host);
      await runMmdebstrap(host, plan, {
        ...options,
        command: prepare(sys, plan, { directory, aside, acquire }),
      });
      writeBaseConfiguration(sys, directory, plan);
      scrubRoot(sys, directory);
      clampTimes(sys, directory, started);
    } catch (error) {
      clear(sys, directory);
      throw error;
    } finally {
      removeTree(sys, aside);
    }
  });
}

interface Preparation {
  readonly directory: string;
  /** For files that mmdebstrap and apt read. */
  readonly aside: string;
  readonly acquire: AcquireOptions;
}

/**
 * Mounts and processes that it makes live in namespaces of its own and end with it, however it ends. The host's name
 * is not visible, for maintainer scripts write it into files. No user namespace: we are root already.
 */
function prepare(sys: Sys, plan: BootstrapPlan, { directory, aside, acquire }: Preparation): Command {
  const { bytes, extension } = readKeyring(sys, plan.keyring.path);
  // A copy, since apt's unprivileged user may not be able to read the original.
  const keyring = `${aside}/keyring.${extension}`;
  const sources = plan.sources.map(source => ({
    ...source,
    signedBy: { kind: 'file', path: keyring } as const,
  }));
  writeFile(sys, keyring, { data: bytes, mode: 0o644 });
  writeFile(sys, `${aside}/base.sources`, { data: renderSources(sources), mode: 0o600 });
  writeFile(sys, `${aside}/netrc`, { data: passwords(sys, acquire), mode: 0o600 });
  writeFile(sys, `${aside}/apt.conf`, { data: aptConfiguration(aside, acquire), mode: 0o644 });
  const https = plan.sources.some(source => source.uris.some(uri => uri.startsWith('https:')));
  return {
    tool: 'unshare',
    args: [
      ...[
        '--mount',
        '--propagation',
        'private',
        '--uts',
        '--pid',
        '--fork',
        '--kill-child',
        '--mount-proc',
        '--',
      ],
      ...['sh', '-c', 'hostname localhost && exec "$@"', 'sh'],
      ...['mmdebstrap', '--mode=root', '--format=directory', '--verbose'],
      `--variant=${plan.variant}`,
      `--architectures=${plan.architecture}`,
      `--aptopt=${aside}/apt.conf`,
      // Named, so that an archive without it is an error. Its apt must reach the same mirror.
      `--include=apt${https ? ',ca-certificates' : ''}`,
      ...[plan.suite, directory, `${aside}/base.sources`],
    ],
    env: { DEBIAN_FRONTEND: 'noninteractive', DEBCONF_NONINTERACTIVE_SEEN: 'true', TMPDIR: '/tmp' },
  };
}

/** apt reads one such file and one directory: the host's file is joined with the passwords of proxies. */
function passwords(sys: Sys, acquire: AcquireOptions): string {
  const own = readFileIfExists(sys, acquire.netrc, MAX_NETRC_BYTES)?.toString('utf8') ?? '';
  return `${acquire.proxyPasswords}${own}`;
}

function aptConfiguration(aside: string, acquire: AcquireOptions): string {
  const parts = /["\r\n]/.test(acquire.netrcParts) ? [] : [`Dir::Etc::netrcparts "${acquire.netrcParts}";`];
  // A mirror that cannot be reached should show in seconds, not after apt's own patience.
  const retries = /^acquire::retries /im.test(acquire.text) ? [] : ['Acquire::Retries "2";'];
  return [acquire.text, ...retries, `Dir::Etc::netrc "${aside}/netrc";`, ...parts, ''].join('\n');
}

async function runMmdebstrap(
  host: Host,
  plan: BootstrapPlan,
  { command, log }: { command: Command; log?: (chunk: Buffer) => void },
): Promise<void> {
  const output = followBootstrap(host.report, () => host.clock().getTime());
  const onOutput = (chunk: Buffer) => {
    log?.(chunk);
    output.write(chunk);
  };
  try {
    await host.runner.run(command, { mergeOutput: true, onOutput });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const { suite, architecture, keyring } = plan;
    throw classifyAptFailure(output.tail(), { cause: error, suite, architecture, keyring: keyring.path });
  }
}

function writeFile(sys: Sys, path: string, { data, mode }: { data: string | Buffer; mode: number }): void {
  const fd = sys.create(path, mode);
  try {
    sys.write(fd, typeof data === 'string' ? Buffer.from(data) : data);
  } finally {
    sys.close(fd);
  }
}

function clear(sys: Sys, directory: string): void {
  removeTree(sys, directory);
  ensureDirectory(sys, directory);
}
