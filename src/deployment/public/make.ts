import { parseRecords } from '../../apt/index.ts';
import { publicArgument } from '../../boot/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { hasImage, readImage, type Store } from '../../store/index.ts';
import { isObject, publicAddress, publicCommandLine } from '../../transaction/index.ts';
import { installedIn, statusOf } from '../image-diff.ts';
import { ownArguments } from '../kernel-arguments.ts';
import type { DeploymentRecord } from '../model.ts';
import type { PublicOrigin, PublicRecord, RecordedPackage } from './model.ts';

/** What the record of a deployment is made from. */
export interface Recording {
  readonly record: DeploymentRecord;
  readonly origin: PublicOrigin;
  /** Of its image. */
  readonly tree: Tree;
}

/** What anybody may know of a deployment. Takes a look at its base where the store has it. */
export function publicRecord(store: Store, { record, origin, tree }: Recording): PublicRecord {
  return {
    deployment: publicDeployment(record),
    ...origin,
    kernelArguments: ownArguments(store, tree, record).map(({ argument, owner }) => ({
      argument: publicArgument(argument),
      owner,
    })),
    packages: packagesOf(store, { record, origin, tree }),
  };
}

/** The same for a deployment whose image cannot be read. */
export function recordWithoutImage({ record, origin }: Omit<Recording, 'tree'>): PublicRecord {
  const kernelArguments = record.kernelArguments.map(argument => ({
    argument: publicArgument(argument),
    owner: 'spec',
  }));
  return { deployment: publicDeployment(record), ...origin, kernelArguments, packages: undefined };
}

function publicDeployment(record: DeploymentRecord): DeploymentRecord {
  const { base } = record;
  return {
    ...record,
    base: base === undefined ? undefined : { ...base, request: publicAddress(base.request) },
    requestedLocalPackages: record.requestedLocalPackages.map(publicAddress),
    kernelArguments: record.kernelArguments.map(publicArgument),
    commandLine: publicCommandLine(record.commandLine),
  };
}

function packagesOf(store: Store, { record, origin, tree }: Recording): RecordedPackage[] {
  const base = record.base?.digest;
  const records = parseRecords(statusOf(store, tree));
  const inBase =
    base !== undefined && hasImage(store, base) ? installedIn(store, readImage(store, base)) : undefined;
  const hosts = hostsOf(origin);
  return [...records]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => ({
      ...one,
      isInBase: inBase === undefined ? !hosts.has(key) : inBase.has(key),
      origin: hosts.get(key) ?? 'base',
    }));
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
