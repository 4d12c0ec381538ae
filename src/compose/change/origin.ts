import { type Deployment, listDeployments, readOrigin, readOriginFile } from '../../deployment/index.ts';
import { AptLayerError, errnoOf } from '../../errors/index.ts';
import { log } from '../../report/index.ts';
import type { Sysroot, Transaction } from '../../transaction/index.ts';
import { type Lock, parseLock } from '../lock/index.ts';
import { editSpec, parseSpec, type Spec, type SpecEdit, type SpecEditResult } from '../spec/index.ts';

/** What a deployment was built from. */
export interface CurrentOrigin {
  /** Id of the deployment. */
  readonly id: string;
  readonly specText: string;
  readonly lock: Lock;
}

/** The deployment that changes start from: the first one. NOT_FOUND when there is none. */
export function currentDeployment(at: Sysroot): Deployment {
  const current = listDeployments(at)[0];
  if (current === undefined)
    throw new AptLayerError('NOT_FOUND', `there is no deployment in ${at.sysroot} yet`, {
      hint: 'build a first one: apt-layer compose tree examples/debian-13.yaml',
    });
  return current;
}

/** The spec and lock of the first deployment, to look at. A change starts from `editOrigin`. */
export function currentOrigin(at: Sysroot): CurrentOrigin {
  const { id } = currentDeployment(at);
  const { specText, lockText } = readOrigin(at, id);
  return { id, specText, lock: parseLock(lockText, `${id}/lock.json`) };
}

/** The spec of the first deployment, to look at. A change starts from `editOrigin`. */
export function currentSpec(at: Sysroot): Spec {
  const { id } = currentDeployment(at);
  return parseSpec(readOriginFile(at, id, 'spec.yaml'), `${id}/spec.yaml`);
}

/** What a new build is compared with; nothing, with a warning, where the present one cannot be read. */
export function originToCompare(
  transaction: Transaction,
  id: string,
): { readonly specText: string; readonly lockText: string; readonly lock: Lock } | undefined {
  try {
    const { specText, lockText } = readOrigin(transaction, id);
    return { specText, lockText, lock: parseLock(lockText, `${id}/lock.json`) };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    log(transaction.host.report, 'warning', `${id} cannot be compared with: ${error.message}`);
    return undefined;
  }
}

function isUnreadable(error: unknown): error is Error {
  return error instanceof AptLayerError || errnoOf(error) !== undefined;
}

/** The spec of the first deployment with changes, and what it was before. */
export interface EditedOrigin extends SpecEditResult {
  readonly origin: CurrentOrigin;
  /** For messages. */
  readonly file: string;
}

/**
 * What a change of the first deployment starts from. It is read under the lock, so that no change of somebody else comes between reading
 * and writing, and gets lost.
 */
export function editOrigin(transaction: Transaction, edits: readonly SpecEdit[]): EditedOrigin {
  const { id, base } = currentDeployment(transaction);
  const file = `${id}/spec.yaml`;
  const specText = readPart(transaction, id, 'spec.yaml');
  // Its readability is looked at apart from the edits, which may be wrong themselves.
  try {
    parseSpec(specText, file);
  } catch (error) {
    throw isUnreadable(error) ? beyondEdits(id, error) : error;
  }
  const lock = lockOrNothing(transaction, id, base ?? { request: '', digest: '' });
  return { ...editSpec(specText, file, edits), origin: { id, specText, lock }, file };
}

/** Versions are the archive's affair where the lock cannot be read: that must not stop the change that mends it. */
function lockOrNothing(transaction: Transaction, id: string, base: Lock['base']): Lock {
  try {
    return parseLock(readOriginFile(transaction, id, 'lock.json'), `${id}/lock.json`);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const { sysroot, host } = transaction;
    const text = `the lock of ${id} cannot be read, so that each package gets the version that the archive has: ${error.message}`;
    log(host.report, 'warning', text, { file: `${sysroot}/state/deploy/${id}/lock.json` });
    return { base, packages: [] };
  }
}

function readPart(transaction: Transaction, id: string, name: 'spec.yaml'): string {
  try {
    return readOriginFile(transaction, id, name);
  } catch (error) {
    throw isUnreadable(error) ? beyondEdits(id, error) : error;
  }
}

function beyondEdits(id: string, cause: Error): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', `the spec of ${id} cannot be read: ${cause.message}`, {
    hint: 'go on from another deployment (`apt-layer deploy ID`, see `apt-layer status`), or from a spec of yours (`apt-layer compose tree FILE`)',
    cause,
  });
}
