import { ensureDirectory, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { statePaths } from './paths.ts';
import { checkStateVersion, VERSION_FILE } from './state-version.ts';

/**
 * Makes the state directories of a sysroot, and its version file. Idempotent. Called with the lock held: the lock's
 * own directory is the one thing made before it.
 */
export function ensureSysroot(host: Host, sysroot: string): void {
  const paths = statePaths(sysroot);
  const exists = checkStateVersion(host.sys, sysroot, 'write');
  for (const path of [paths.lock, paths.transactions, paths.deployments, paths.names])
    ensureDirectory(host.sys, path);
  if (!exists) writeFileDurable(host.sys, paths.version, VERSION_FILE);
}
