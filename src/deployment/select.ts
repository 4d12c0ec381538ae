import { AptLayerError } from '../errors/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { listDeployments } from './list.ts';
import type { Deployment } from './model.ts';
import { positions } from './positions.ts';

/** The shortest prefix of an image digest that selects a deployment. */
const DIGEST_PREFIX_MIN = 6;

/** The deployment of a sysroot that `wanted` names, by default the first; see `selectAmong`. */
export function selectDeployment(at: Sysroot, wanted = '0'): Deployment {
  return selectAmong(listDeployments(at), wanted);
}

/**
 * Finds the deployment that the user means: an id, `booted`, `staged`, `pending`, `rollback`, an index, or a prefix of
 * an id or image digest that only one has. NOT_FOUND, with what there is, otherwise.
 */
export function selectAmong(deployments: readonly Deployment[], wanted: string): Deployment {
  const exact = deployments.find(one => one.id === wanted);
  if (exact !== undefined) return exact;
  const roles = positions(deployments);
  if (wanted === 'booted' || wanted === 'staged' || wanted === 'pending' || wanted === 'rollback') {
    const found = roles[wanted];
    if (found === undefined) throw notFound(deployments, ROLE_IS_MISSING[wanted]);
    return found;
  }
  if (/^\d{1,4}$/.test(wanted)) {
    const found = deployments[Number(wanted)];
    if (found === undefined) throw notFound(deployments, `there is no deployment with index ${wanted}`);
    return found;
  }
  return selectByPrefix(deployments, wanted);
}

const ROLE_IS_MISSING = {
  booted: 'no deployment of this sysroot is booted',
  staged: 'no deployment is staged',
  pending: 'no deployment is pending',
  rollback: 'there is no deployment to roll back to',
} as const;

function selectByPrefix(deployments: readonly Deployment[], wanted: string): Deployment {
  const digest = wanted.length >= DIGEST_PREFIX_MIN ? wanted.toLowerCase() : undefined;
  const found = deployments.filter(
    one =>
      (wanted !== '' && one.id.startsWith(wanted)) || (digest !== undefined && one.image.startsWith(digest)),
  );
  const [only] = found;
  if (only === undefined) throw notFound(deployments, `there is no deployment ${JSON.stringify(wanted)}`);
  if (found.length > 1)
    throw new AptLayerError('NOT_FOUND', `${JSON.stringify(wanted)} means more than one deployment`, {
      hint: `say which one: ${ids(found)}`,
      details: { candidates: found.map(one => one.id) },
    });
  return only;
}

function notFound(deployments: readonly Deployment[], message: string): AptLayerError {
  const hint =
    deployments.length === 0
      ? 'there are no deployments yet; `apt-layer compose tree FILE` makes one'
      : `there are: ${ids(deployments)}`;
  return new AptLayerError('NOT_FOUND', message, {
    hint,
    details: { deployments: deployments.map(one => one.id) },
  });
}

function ids(deployments: readonly Deployment[]): string {
  return deployments.map(one => `${one.index} ${one.id}`).join(', ');
}
