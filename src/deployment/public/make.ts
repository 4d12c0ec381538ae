import { type KnownArchive, markedArchives, parseRecords } from '../../apt/index.ts';
import { publicArgument } from '../../boot/index.ts';
import { AptLayerError, errnoOf } from '../../errors/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { log } from '../../report/index.ts';
import { hasImage, readImage, type Store } from '../../store/index.ts';
import { isObject, publicAddress, publicCommandLine } from '../../transaction/index.ts';
import { installedIn, statusOf } from '../image-diff.ts';
import { ownArguments } from '../kernel-arguments.ts';
import type { DeploymentRecord } from '../model.ts';
import { distributionOf } from './distribution.ts';
import type { PublicOrigin, PublicRecord, RecordedPackage, RedactedOrigin } from './model.ts';
import { vendorOf } from './vendor.ts';

/** What the record of a deployment is made from. */
export interface Recording {
  readonly record: DeploymentRecord;
  readonly origin: RedactedOrigin;
  /** Of its image. */
  readonly tree: Tree;
  /** Where the lists of its archives are. */
  readonly sysroot: string;
}

/** What anybody may know of a deployment. Takes a look at its base where the store has it. */
export function publicRecord(store: Store, recording: Recording): PublicRecord {
  const { record, origin, tree } = recording;
  const distribution = distributionOf(store, tree);
  return {
    deployment: publicDeployment(record),
    spec: origin.spec,
    lock: origin.lock,
    kernelArguments: ownArguments(store, tree, record).map(({ argument, owner }) => ({
      argument: publicArgument(argument),
      owner,
    })),
    distribution,
    packages: packagesOf(store, recording, distribution),
  };
}

/** The same for a deployment whose image cannot be read. */
export function recordWithoutImage({ record, origin }: Pick<Recording, 'record' | 'origin'>): PublicRecord {
  const kernelArguments = record.kernelArguments.map(argument => ({
    argument: publicArgument(argument),
    owner: 'spec',
  }));
  return {
    deployment: publicDeployment(record),
    spec: origin.spec,
    lock: origin.lock,
    kernelArguments,
    distribution: undefined,
    packages: undefined,
  };
}

function publicDeployment(record: DeploymentRecord): DeploymentRecord {
  const { base, forcedPolicy } = record;
  return {
    ...record,
    base: base === undefined ? undefined : { ...base, request: publicAddress(base.request) },
    requestedLocalPackages: record.requestedLocalPackages.map(publicAddress),
    kernelArguments: record.kernelArguments.map(publicArgument),
    // Why it was done may name what nobody is to know.
    ...(forcedPolicy !== undefined && { forcedPolicy: { ...forcedPolicy, reason: '' } }),
    commandLine: publicCommandLine(record.commandLine),
    // Their names are digests of, among others, answers that may be passwords.
    stages: record.stages.map(({ packages, requested }) => ({
      ...{ packages, requested },
      ...{ ref: undefined, warned: undefined },
    })),
  };
}

function packagesOf(
  store: Store,
  { record, origin, tree, sysroot }: Recording,
  distribution: PublicRecord['distribution'],
): RecordedPackage[] {
  const base = record.base?.digest;
  const records = parseRecords(statusOf(store, tree));
  const inBase =
    base !== undefined && hasImage(store, base) ? installedIn(store, readImage(store, base)) : undefined;
  const hosts = hostsOf(origin);
  const archives = archivesOf(store, { record, sysroot });
  const stages = stagesIn(origin);
  return [...records]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => ({
      ...one,
      isInBase: inBase === undefined ? !hosts.has(key) : inBase.has(key),
      origin: hosts.get(key) ?? 'base',
      vendor: vendorOf(one, { address: origin.addresses?.get(key), archives, distribution }),
      ...(stages.has(key) && { stage: stages.get(key) }),
    }));
}

/** The stages of the packages of a lock that has several, by `NAME:ARCH`. */
function stagesIn({ lock }: PublicOrigin): Map<string, number> {
  const packages = Array.isArray(lock?.['packages']) ? lock['packages'].filter(isObject) : [];
  return new Map(
    packages.flatMap(({ name, architecture, stage }) =>
      typeof stage === 'number' ? [[`${String(name)}:${String(architecture)}`, stage]] : [],
    ),
  );
}

/** Lists that are damaged are no reason to make no record: whose packages are is then seen by the shape of their addresses. */
function archivesOf(
  { host }: Store,
  { record, sysroot }: Pick<Recording, 'record' | 'sysroot'>,
): readonly KnownArchive[] {
  try {
    return markedArchives(host, sysroot, record.image);
  } catch (error) {
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    log(host.report, 'debug', `lists of ${record.id} cannot be read: ${(error as Error).message}`);
    return [];
  }
}

/** Where the packages of a lock come from, by `NAME:ARCH`. */
function hostsOf({ lock }: PublicOrigin): Map<string, string> {
  const packages = Array.isArray(lock?.['packages']) ? lock['packages'].filter(isObject) : [];
  return new Map(
    packages.map(({ name, architecture, uri }) => {
      const [, host] = /^[a-z0-9+.-]+:\/\/([^/]+)/i.exec(String(uri)) ?? [];
      return [`${String(name)}:${String(architecture)}`, host ?? 'file'];
    }),
  );
}
