import { ensureDirectory, removeTree } from '../fs/index.ts';
import { interactInSandbox, mountOnHost, openScratch } from '../sandbox/index.ts';
import { type Sysroot, statePaths } from '../transaction/index.ts';
import type { Deployment } from './model.ts';
import { mountableImage } from './mountable.ts';
import { environmentInside } from './use-environment.ts';

/** Memory that a throwaway layer may take. */
const THROWAWAY_BYTES = 2 * 1024 ** 3;

export interface UseOptions {
  readonly command: readonly string[];
  readonly readOnly: boolean;
  readonly network: UseNetwork;
}

/** The host's network, with what listens on its loopback, or none but a loopback of its own. */
export const USE_NETWORKS = ['host', 'none'] as const;
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
  const directory = `${host.runDirectory}/run-${process.pid}-${host.random(4).toString('hex')}`;
  ensureDirectory(host.sys, directory, 0o700);
  try {
    const scratch = await openScratch(host, {
      image: mountableImage(at, use.deployment.image),
      directory,
      tmpfsBytes: THROWAWAY_BYTES,
      readOnly: use.readOnly,
      over: stateOf(sysroot, use.deployment),
    });
    try {
      const environment = environmentInside(host.environment);
      const network = use.network === 'host';
      return await interactInSandbox(host, scratch, { command: use.command, network, environment });
    } finally {
      await scratch.release();
    }
  } finally {
    removeTree(host.sys, directory);
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
