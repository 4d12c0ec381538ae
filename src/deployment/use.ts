import { AptLayerError } from '../errors/index.ts';
import { ensureDirectory, removeTree } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import {
  environmentInside,
  hasPrivateNetwork,
  interactInSandbox,
  mountOnHost,
  openPrivateNetwork,
  openScratch,
  type PrivateNetwork,
} from '../sandbox/index.ts';
import { type Sysroot, statePaths } from '../transaction/index.ts';
import type { Deployment } from './model.ts';
import { mountableImage } from './mountable.ts';

/** Memory that a throwaway layer may take. */
const THROWAWAY_BYTES = 2 * 1024 ** 3;

export interface UseOptions {
  readonly command: readonly string[];
  readonly readOnly: boolean;
  /** Default: private where there is what it needs, else that of the host. */
  readonly network: UseNetwork | undefined;
}

/**
 * The host's network, with what listens on its loopback; one of its own, which reaches what the host reaches but the host's loopback; none
 * but a loopback of its own.
 */
export const USE_NETWORKS = ['host', 'private', 'none'] as const;
export type UseNetwork = (typeof USE_NETWORKS)[number];

/**
 * Runs a command with the terminal attached inside a deployment, with its /etc and /var. What it writes is kept in
 * memory and thrown away. Resolves to the command's exit code.
 */
export async function useDeployment(
  at: Sysroot,
  use: UseOptions & { readonly deployment: Deployment },
): Promise<number> {
  const { host, sysroot } = at;
  const place = `${host.runDirectory}/run-${process.pid}-${host.random(4).toString('hex')}`;
  const directory = `${place}/mounted`;
  ensureDirectory(host.sys, directory, 0o700);
  let network: 'host' | PrivateNetwork | undefined;
  try {
    network = await openNetwork(host, use.network, place);
    const scratch = await openScratch(host, {
      image: mountableImage(at, use.deployment.image),
      directory,
      tmpfsBytes: THROWAWAY_BYTES,
      readOnly: use.readOnly,
      over: stateOf(sysroot, use.deployment),
    });
    try {
      const environment = environmentInside(host.environment);
      const options = { command: use.command, environment, ...(network !== undefined && { network }) };
      return await interactInSandbox(host, scratch, options);
    } finally {
      await scratch.release();
    }
  } finally {
    if (typeof network === 'object') await network.release();
    removeTree(host.sys, place);
  }
}

/** What was asked for by name is made or refused; a machine that is not connected has none to give otherwise. */
async function openNetwork(
  host: Host,
  wanted: UseNetwork | undefined,
  place: string,
): Promise<'host' | PrivateNetwork | undefined> {
  if (wanted === 'none') return undefined;
  if (wanted === 'host' || (wanted === undefined && !hasPrivateNetwork(host))) return 'host';
  try {
    return await openPrivateNetwork(host, place);
  } catch (error) {
    if (wanted !== undefined || !(error instanceof AptLayerError) || error.code !== 'NETWORK') throw error;
    log(host.report, 'warning', `there is no network: ${error.message}`);
    return undefined;
  }
}

/** Mounts a deployment, with its /etc and /var, read-only for everyone to see. */
export function mountDeployment(
  at: Sysroot,
  mount: { readonly deployment: Deployment; readonly directory: string },
): Promise<void> {
  const { host, sysroot } = at;
  const { deployment, directory } = mount;
  const image = mountableImage(at, deployment.image);
  return mountOnHost(host, { image, directory, over: stateOf(sysroot, deployment) });
}

function stateOf(sysroot: string, deployment: Deployment) {
  const { deployments, names } = statePaths(sysroot);
  return [
    { name: 'etc', source: `${deployments}/${deployment.id}/etc` },
    { name: 'var', source: `${names}/${deployment.name}/var` },
  ];
}
