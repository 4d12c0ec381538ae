import type { Host } from '../host/index.ts';
import type { Output, RunOptions } from '../process/index.ts';
import { type Bind, runInSandbox, type Scratch } from '../sandbox/index.ts';
import { type AcquireOptions, passwordsText } from './acquire-options.ts';
import type { AptCache } from './cache.ts';
import { type AptRequest, LOCAL_DEBS, renderPreferences } from './request.ts';
import { writeForSandbox } from './sandbox-file.ts';

/**
 * The apt of a mounted system. It runs inside that system, so its own version, sources, keyrings, pins and
 * configuration decide; index files and archives come from caches outside.
 */
export interface AptTarget {
  readonly host: Host;
  readonly scratch: Scratch;
  readonly cache: AptCache;
  /** The system's own /etc/apt/preferences, which preferred versions are added to. */
  readonly preferences: string;
  /** The host's settings for reaching archives: proxies, passwords, retries. */
  readonly acquire: AcquireOptions;
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
  readonly command: readonly string[];
  readonly request?: AptRequest;
  readonly network?: boolean;
  /** Lets apt write to the caches of index files and archives. */
  readonly writeCaches?: boolean;
}

const ENVIRONMENT = {
  DEBIAN_FRONTEND: 'noninteractive',
  DEBIAN_PRIORITY: 'critical',
  APT_CONFIG: '/run/apt-layer/apt.conf',
  APT_LISTCHANGES_FRONTEND: 'none',
};

const OPTIONS = `
APT::Get::Assume-Yes "true";
APT::Color "0";
APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::https::CAInfo "/run/apt-layer/ca-certificates.crt";
Dir::Etc::preferences "/run/apt-layer/preferences";
Dir::Etc::netrc "/run/apt-layer/auth.conf";
Dir::Etc::netrcparts "/run/apt-layer/auth.conf.d";
DPkg::Use-Pty "0";
DPkg::Options { "--force-unsafe-io"; "--force-confdef"; "--force-confold"; };
APT::Status-Fd "3";
`;

/** Files of the host that fetching may need, each bound only when it is there. */
const HOST_FILES: readonly (readonly [string, string])[] = [
  ['/etc/resolv.conf', '/etc/resolv.conf'],
  ['/etc/hosts', '/etc/hosts'],
  ['/etc/ssl/certs/ca-certificates.crt', '/run/apt-layer/ca-certificates.crt'],
];

/** Paths that a call binds over and that bwrap makes when the system lacks them: never part of a result. */
export const BOUND_PATHS = ['/usr/sbin/policy-rc.d'] as const;

/** policy-rc.d(8) */
export const POLICY = '#!/bin/sh\n# No service is started while an image is built.\nexit 101\n';

/** Runs apt-get, apt-cache or dpkg inside the target. `runOptions.onStatusLine` gets apt's status-fd lines. */
export function callApt(target: AptTarget, call: AptCall, runOptions: RunOptions = {}): Promise<Output> {
  const { host, scratch } = target;
  const binds = [...configuration(target, call), ...caches(target, call), ...localFiles(call)];
  if (call.network) binds.push(...hostFiles(target));
  return runInSandbox(
    host,
    scratch,
    { command: call.command, environment: ENVIRONMENT, binds, network: call.network === true },
    { onOutput: target.onOutput, onStatusLine: () => undefined, ...runOptions },
  );
}

function configuration(target: AptTarget, call: AptCall): Bind[] {
  const write = (name: string, text: string, mode = 0o644) => writeFile(target, name, { text, mode });
  const preferences = `${target.preferences}\n\n${renderPreferences(call.request?.prefer ?? [])}`;
  return [
    { source: write('apt.conf', target.acquire.text + OPTIONS), target: '/run/apt-layer/apt.conf' },
    { source: write('preferences', preferences), target: '/run/apt-layer/preferences' },
    { source: write('policy-rc.d', POLICY, 0o755), target: '/usr/sbin/policy-rc.d' },
  ];
}

function writeFile(target: AptTarget, name: string, file: { text: string; mode: number }): string {
  const path = `${target.workDirectory}/${name}`;
  writeForSandbox(target.host.sys, path, { bytes: Buffer.from(file.text), mode: file.mode });
  return path;
}

function caches(target: AptTarget, call: AptCall): Bind[] {
  const { cache } = target;
  const writable = call.writeCaches === true;
  return [
    { source: cache.packageCache, target: '/var/cache/apt', writable: true },
    { source: cache.archives, target: '/var/cache/apt/archives', writable },
    { source: cache.lists, target: '/var/lib/apt/lists', writable },
  ];
}

function localFiles(call: AptCall): Bind[] {
  return (call.request?.files ?? []).map((source, index) => ({
    source,
    target: `${LOCAL_DEBS}/${index}.deb`,
  }));
}

function hostFiles(target: AptTarget): Bind[] {
  const { host, acquire } = target;
  const files = [...HOST_FILES, [acquire.netrcParts, '/run/apt-layer/auth.conf.d'] as const];
  const present = files.filter(([source]) => host.sys.lstatIfExists(source) !== undefined);
  const passwords = { text: passwordsText(host.sys, acquire), mode: 0o600 };
  return [
    ...present.map(([source, path]) => ({ source, target: path })),
    { source: writeFile(target, 'auth.conf', passwords), target: '/run/apt-layer/auth.conf' },
  ];
}
