import type { VulnerabilityCounts } from '../compose/index.ts';
import {
  type Deployment,
  type Deployments,
  deploymentSerial,
  inactiveRequests,
  type LiveState,
} from '../deployment/index.ts';
import type { Holder } from '../transaction/index.ts';
import { countsJson } from './vulnerability-counts.ts';

/** Raised when a key changes its meaning or goes; new keys do not raise it. */
const SCHEMA = 1;

/**
 * `status --json`: the keys and value types of `rpm-ostree status --json`, so that what reads that reads this, and
 * `schema`. Arrays are always there. What apt-layer does not have, has the value it has in rpm-ostree when unused.
 */
export function statusJson(
  state: Deployments,
  now: {
    readonly running: Holder | undefined;
    readonly live: LiveState;
    readonly vulnerabilities: ReadonlyMap<string, VulnerabilityCounts>;
  },
): Record<string, unknown> {
  const { running, live, vulnerabilities } = now;
  return {
    schema: SCHEMA,
    deployments: state.deployments.map(one => ({
      ...deploymentJson(one, live),
      vulnerabilities: countsJson(vulnerabilities.get(one.id)),
    })),
    damaged: state.damaged,
    'staging-failure': state.stagingFailure ?? null,
    // Method, sender and path there; verb, process and transaction here.
    transaction: running === undefined ? null : [running.verb, `pid ${running.pid}`, running.transaction],
    'cached-update': null,
    'update-driver': null,
  };
}

function deploymentJson(one: Deployment, live: LiveState): Record<string, unknown> {
  const request = one.base?.request ?? null;
  const fromRegistry = request?.startsWith('oci://') === true;
  return {
    id: one.id,
    index: one.index,
    osname: one.name,
    serial: deploymentSerial(one.id),
    checksum: one.image,
    version: one.version ?? null,
    timestamp: one.createdSeconds,
    ...(fromRegistry
      ? {
          'container-image-reference': request,
          'container-image-reference-digest': one.base?.manifest ?? null,
        }
      : { origin: request }),
    booted: one.booted,
    staged: one.staged,
    pinned: one.pinned,
    'finalization-locked': false,
    unlocked: one.booted && live.unlocked ? 'transient' : 'none',
    'live-inprogress': null,
    'live-replaced': one.booted ? (live.replaced ?? null) : null,
    bad: one.bad,
    'expired-lists': one.expiredArchives,
    stages: one.stages.map(({ packages, requested }) => ({ packages, requested })),
    finalized: one.finalized,
    'base-checksum': one.base?.digest ?? null,
    'base-check': one.base?.check ?? null,
    'base-version': null,
    'base-timestamp': null,
    'base-commit-meta': {},
    'layered-commit-meta': one.labels,
    'pending-base-checksum': null,
    'pending-base-version': null,
    'pending-base-timestamp': null,
    ...packageKeys(one),
    'kernel-arguments': one.kernelArguments,
    verity: one.verity,
    'regenerate-initramfs': false,
    'initramfs-args': [],
    'initramfs-etc': [],
    cliwrap: false,
    'gpg-enabled': false,
    signatures: [],
    'remote-error': null,
    'custom-origin': null,
    endoflife: null,
    'forced-policy': one.forcedPolicy ?? null,
    warnings: one.warnings?.map(({ text }) => text) ?? null,
    'command-line': one.commandLine,
    transaction: one.transaction,
  };
}

function packageKeys(one: Deployment): Record<string, unknown> {
  return {
    'requested-packages': one.requestedPackages,
    'inactive-requests': inactiveRequests(one),
    'requested-local-packages': one.requestedLocalPackages,
    'requested-local-fileoverride-packages': [],
    'requested-base-removals': one.baseRemovals,
    'requested-base-local-replacements': one.baseReplacements,
    'requested-base-remote-replacements': [],
    packages: one.packages,
    'packages-with-network': one.packagesWithNetwork,
    'base-removals': one.baseRemovals,
    'base-local-replacements': one.baseReplacements,
    'base-remote-replacements': [],
  };
}
