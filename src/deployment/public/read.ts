import { AptLayerError, errnoOf } from '../../errors/index.ts';
import { readFileIfExists } from '../../fs/index.ts';
import { openStore, readImage } from '../../store/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import type { Deployment } from '../model.ts';
import { deploymentPath, publicEtcPath, publicPath, storePath } from '../paths.ts';
import { PUBLIC_ETC_MAX_BYTES, type PublicEtc, parsePublicEtc } from './etc.ts';
import { publicRecord } from './make.ts';
import type { PublicRecord, RecordedPackage } from './model.ts';
import { PUBLIC_MAX_BYTES, parsePublic } from './record-file.ts';

/** The record beside a deployment that was listed; undefined when it has none. Needs no root, and looks at nothing else. */
export function readPublicIfAny({ host, sysroot }: Sysroot, id: string): PublicRecord | undefined {
  const path = publicPath(deploymentPath(sysroot, id));
  const data = readFileIfExists(host.sys, path, PUBLIC_MAX_BYTES);
  return data === undefined ? undefined : parsePublic(path, data);
}

/** The same; NOT_FOUND, with the way to get one, when there is none. */
export function readPublic(at: Sysroot, id: string): PublicRecord {
  const found = readPublicIfAny(at, id);
  if (found === undefined) throw noRecord(id);
  return found;
}

/**
 * The packages of a deployment by `NAME:ARCH`: from its record, or from its image, which root alone may read. NOT_FOUND where there is
 * neither.
 */
export function recordedPackages(at: Sysroot, deployment: Deployment): ReadonlyMap<string, RecordedPackage> {
  const packages = readPublicIfAny(at, deployment.id)?.packages ?? recordOfImage(at, deployment).packages;
  return new Map(packages?.map(one => [`${one.name}:${one.architecture}`, one]));
}

/** What a deployment is, and its packages; as `recordedPackages` has them. What older programs recorded says too little. */
export function recordedSystem(
  at: Sysroot,
  deployment: Deployment,
): Pick<PublicRecord, 'distribution' | 'packages'> {
  const recorded = readPublicIfAny(at, deployment.id);
  return recorded?.distribution === undefined ? recordOfImage(at, deployment) : recorded;
}

function recordOfImage({ host, sysroot }: Sysroot, deployment: Deployment): PublicRecord {
  try {
    const store = openStore(host, storePath(sysroot));
    const tree = readImage(store, deployment.image);
    const origin = { spec: undefined, lock: undefined };
    return publicRecord(store, { record: deployment, origin, tree, sysroot });
  } catch (error) {
    throw isDenied(error) ? noRecord(deployment.id) : error;
  }
}

/** What anybody may know of the /etc that a deployment's image has; PERMISSION where an older program made the deployment. */
export function readPublicEtc({ host, sysroot }: Sysroot, id: string): PublicEtc {
  const path = publicEtcPath(deploymentPath(sysroot, id));
  const data = readFileIfExists(host.sys, path, PUBLIC_ETC_MAX_BYTES);
  if (data !== undefined) return parsePublicEtc(path, data);
  throw new AptLayerError('PERMISSION', `an older apt-layer made ${id}: only root can compare its /etc`, {
    hint: 'run it with sudo; the next change that root makes writes what everybody else needs',
  });
}

function noRecord(id: string): AptLayerError {
  return new AptLayerError('NOT_FOUND', `${id} has no public record: an older apt-layer made it`, {
    hint: 'the next change that root makes writes it; root can look without it',
  });
}

/** Whether an error says that only root may read something. */
export function isDenied(error: unknown): boolean {
  return (error instanceof AptLayerError && error.code === 'PERMISSION') || errnoOf(error) === 'EACCES';
}
