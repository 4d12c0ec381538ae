import type { Host } from '../host/index.ts';
import type { Output, RunOptions } from '../process/index.ts';
import { type Bind, runInSandbox, type Scratch, writeForSandbox } from '../sandbox/index.ts';
import { binaryCacheOf, keepBinaryCache } from './binary-cache.ts';
import type { AptCache } from './cache.ts';
import { type AptRequest, LOCAL_DEBS, renderPreferences } from './request.ts';

/**
 * The apt of a mounted system, which decides what is installed. It runs inside that system, without network and with nothing of
 * the host to write to: its own version, pins and configuration count; verified lists come from outside, read-only.
 */
export interface AptTarget {
  readonly host: Host;
  readonly scratch: Scratch;
  /** Digest of the image: what its apt makes of the lists is shown to no other. */
  readonly image: string;
  readonly cache: AptCache;
  /** dpkg's names, the native one first. */
  readonly architectures: readonly string[];
  /** The system's own /etc/apt/preferences, which preferred versions are added to. */
  readonly preferences: string;
  /** For files handed to the sandbox; removed with the transaction. */
  readonly workDirectory: string;
  /** Where that ends up, for messages. */
  readonly logPath: string;
  /** Takes all that apt and dpkg print. */
  readonly onOutput: (chunk: Buffer) => void;
}

/** The dpkg of a mounted system; it runs inside, on what is there. */
export type DpkgTarget = Pick<AptTarget, 'host' | 'scratch' | 'workDirectory' | 'logPath' | 'onOutput'>;

export interface AptCall {
  /** `apt-get` or `apt-cache`, and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly request?: AptRequest;
}

const ENVIRONMENT = {
  DEBIAN_FRONTEND: 'noninteractive',
  DEBIAN_PRIORITY: 'critical',
  APT_CONFIG: '/run/apt-layer/apt.conf',
  APT_LISTCHANGES_FRONTEND: 'none',
};

const CONFIGURATION = `
APT::Get::Assume-Yes "true";
APT::Color "0";
Acquire::Languages "none";
Dir::Etc::preferences "/run/apt-layer/preferences";
`;

/** What the system's own configuration must not change: it is read after ours. */
const OPTIONS = [
  ...['-o', 'Dir::Etc::sourcelist=/run/apt-layer/archives.sources', '-o', 'Dir::Etc::sourceparts=/dev/null'],
  ...['-o', 'Dir::State::lists=/var/lib/apt/lists', '-o', 'Dir::Cache=/var/cache/apt'],
  ...['-o', 'Dir::Cache::srcpkgcache='],
];

/** Where what apt made of the lists is shown to it again, read-only: where it does not fit, apt makes it in memory. */
const BINARY_CACHE = '/run/apt-layer/made';

/** Arguments: the command. */
const SCRIPT = `mkdir -p /run/apt-layer/no-archives/partial /var/cache/apt/archives/partial
exec "$@"`;

/** Paths that a call binds over and that bwrap makes when the system lacks them: never part of a result. */
export const BOUND_PATHS = ['/usr/sbin/policy-rc.d', '/etc/resolv.conf'] as const;

/** policy-rc.d(8) */
export const POLICY = '#!/bin/sh\n# No service is started while an image is built.\nexit 101\n';

/** Runs apt-get or apt-cache inside the target. */
export async function callApt(
  target: AptTarget,
  call: AptCall,
  runOptions: RunOptions = {},
): Promise<Output> {
  const { host, scratch, onOutput } = target;
  const [tool, ...args] = call.command;
  const made = binaryCacheOf(target);
  const binds = [...configuration(target, call), ...lists(target, made), ...localFiles(call)];
  const binary = made === undefined ? 'pkgcache.bin' : `${BINARY_CACHE}/pkgcache.bin`;
  const options = [...OPTIONS, '-o', `Dir::Cache::pkgcache=${binary}`];
  const command = ['sh', '-c', SCRIPT, 'sh', tool, ...options, ...args];
  const output = await runInSandbox(
    host,
    scratch,
    { command, environment: ENVIRONMENT, binds },
    { onOutput, ...runOptions },
  );
  if (made === undefined) keepBinaryCache(target);
  return output;
}

function configuration(target: AptTarget, call: AptCall): Bind[] {
  const write = (name: string, text: string) => {
    const path = `${target.workDirectory}/${name}`;
    writeForSandbox(target.host.sys, path, { bytes: Buffer.from(text), mode: 0o644 });
    return path;
  };
  const preferences = `${target.preferences}\n\n${renderPreferences(call.request?.prefer ?? [])}`;
  return [
    { source: write('apt.conf', CONFIGURATION), target: '/run/apt-layer/apt.conf' },
    { source: write('preferences', preferences), target: '/run/apt-layer/preferences' },
  ];
}

function lists({ cache, host }: AptTarget, made: string | undefined): Bind[] {
  const sources = { source: cache.sources, target: '/run/apt-layer/archives.sources' };
  return [
    { source: cache.lists, target: '/var/lib/apt/lists' },
    ...(host.sys.lstatIfExists(cache.sources) === undefined ? [] : [sources]),
    ...(made === undefined ? [] : [{ source: made, target: BINARY_CACHE }]),
  ];
}

function localFiles(call: AptCall): Bind[] {
  return (call.request?.files ?? []).map((source, index) => ({
    source,
    target: `${LOCAL_DEBS}/${index}.deb`,
  }));
}
