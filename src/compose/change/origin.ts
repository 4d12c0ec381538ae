import { type Deployment, listDeployments, readOrigin } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Sysroot, Transaction } from '../../transaction/index.ts';
import { type Lock, parseLock } from '../lock/index.ts';
import { editSpec, type SpecEdit, type SpecEditResult } from '../spec/index.ts';

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
  const origin = currentOrigin(transaction);
  const file = `${origin.id}/spec.yaml`;
  return { ...editSpec(origin.specText, file, edits), origin, file };
}
