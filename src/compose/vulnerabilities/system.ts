import {
  type Deployment,
  distributionOf,
  type RecordedPackage,
  recordedSystem,
  storePath,
  vendorOf,
} from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { openStore, readImage } from '../../store/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import type { Distribution, SystemPackage } from '../../vulnerabilities/index.ts';
import { recordsIn } from '../packages/index.ts';

/** What of a system decides which vulnerabilities it has. */
export interface AssessedSystem {
  readonly distribution: Distribution;
  readonly packages: readonly SystemPackage[];
}

/** A package on record, and whose it is. */
export type SystemRecord = Omit<RecordedPackage, 'origin'>;

/** A system with all that is on record of its packages. */
export interface RecordedSystem {
  readonly distribution: Distribution;
  readonly packages: readonly SystemRecord[];
}

/** Of a deployment: from its public record. NOT_FOUND where that says too little and the image may not be read. */
export function recordsOfDeployment(at: Sysroot, deployment: Deployment): RecordedSystem {
  const { distribution, packages } = recordedSystem(at, deployment);
  if (distribution === undefined || packages === undefined) throw nothingKnown(deployment.id);
  return { distribution: rollingRelease(distribution, deployment.base?.request), packages };
}

/** Of an image in the store, named by its digest: all of it counts as the base. Needs root. */
export function recordsOfImage({ host, sysroot }: Sysroot, digest: string): RecordedSystem {
  const store = openStore(host, storePath(sysroot));
  const tree = readImage(store, digest);
  const distribution = distributionOf(store, tree);
  if (distribution === undefined) throw nothingKnown(digest);
  const provenance = { address: undefined, archives: [], distribution };
  const packages = [...recordsIn(store, tree).values()].map(one => ({
    ...one,
    isInBase: true,
    vendor: vendorOf(one, provenance),
  }));
  return { distribution, packages };
}

/** What of `recordsOfDeployment` decides which vulnerabilities it has. */
export function systemOfDeployment(at: Sysroot, deployment: Deployment): AssessedSystem {
  return assessed(recordsOfDeployment(at, deployment));
}

/** The same of `recordsOfImage`. */
export function systemOfImage(at: Sysroot, digest: string): AssessedSystem {
  return assessed(recordsOfImage(at, digest));
}

function assessed({ distribution, packages }: RecordedSystem): AssessedSystem {
  return { distribution, packages: packages.map(systemPackage) };
}

/** What data asks of a package on record. */
export function systemPackage(one: SystemRecord): SystemPackage {
  const { name, architecture, source, relations, vendor, isInBase } = one;
  const builtUsing = [relations['Built-Using'], relations['Static-Built-Using']].filter(
    field => field !== undefined && field.trim() !== '',
  );
  return {
    ...{ name, architecture, source, vendor, isInBase },
    version: one.sourceVersion,
    packageVersion: one.version,
    builtUsing: builtUsing.join(', '),
  };
}

/** A system of sid calls itself by the name of the release that is to come. */
export function rollingRelease(distribution: Distribution, base: string | undefined): Distribution {
  const isSid = /^apt:\/\/(?:sid|unstable)$/.test(base ?? '');
  return isSid ? { ...distribution, codename: 'sid', version: '' } : distribution;
}

function nothingKnown(of: string): AptLayerError {
  return new AptLayerError('NOT_FOUND', `${of} does not say of which distribution it is`, {
    hint: 'its /usr/lib/os-release has to have an ID, and VERSION_CODENAME or VERSION_ID',
  });
}
