import { type Deployment, isDenied, readOriginFile, readPublic } from '../../deployment/index.ts';
import { AptLayerError, errnoOf } from '../../errors/index.ts';
import { log } from '../../report/index.ts';
import { isObject, type Sysroot } from '../../transaction/index.ts';
import { type LockedPackage, lockedKey, parseLock } from '../lock/index.ts';

/** Digests of .debs, by `versionKey`. */
export interface Hashes {
  readonly sha256: ReadonlyMap<string, string>;
  /** Only those of layers: who asks may not read the lock itself. */
  readonly isPartial: boolean;
}

type Hashed = Pick<LockedPackage, 'name' | 'architecture' | 'version' | 'sha256'>;

/** `NAME:ARCH VERSION`: the hash of a .deb is that of one version only. */
export function versionKey(one: Pick<Hashed, 'name' | 'architecture' | 'version'>): string {
  return `${lockedKey(one)} ${one.version}`;
}

/** What the lock of a deployment says of the .debs of its packages; without root, what is public of it. A lock that is damaged says nothing, with a warning. */
export function hashesOf(at: Sysroot, { id }: Deployment): Hashes {
  try {
    const { base, packages } = parseLock(readOriginFile(at, id, 'lock.json'), `${id}/lock.json`);
    return { sha256: byVersion([...(base.packages ?? []), ...packages]), isPartial: false };
  } catch (error) {
    if (isDenied(error)) return { sha256: byVersion(publicPackages(at, id)), isPartial: true };
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    log(at.host.report, 'warning', `there are no hashes of packages: ${(error as Error).message}`);
    return { sha256: new Map(), isPartial: false };
  }
}

function byVersion(packages: readonly Hashed[]): Map<string, string> {
  return new Map(packages.map(one => [versionKey(one), one.sha256]));
}

function publicPackages(at: Sysroot, id: string): Hashed[] {
  const list = readPublic(at, id).lock?.['packages'];
  return (Array.isArray(list) ? list.filter(isObject) : []).flatMap(
    ({ name, architecture, version, sha256 }) =>
      typeof name === 'string' &&
      typeof architecture === 'string' &&
      typeof version === 'string' &&
      typeof sha256 === 'string' &&
      /^[0-9a-f]{64}$/.test(sha256)
        ? [{ name, architecture, version, sha256 }]
        : [],
  );
}
