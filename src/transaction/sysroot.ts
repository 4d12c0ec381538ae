import { ensureDirectory, writeFileDurable } from '../fs/index.ts';
import { type Sysroot, statePaths } from './paths.ts';
import { checkStateVersion, VERSION_FILE } from './state-version.ts';

/**
 * Makes the state directories of a sysroot, and its version file. Idempotent. Called with the lock held: the lock's
 * own directory is the one thing made before it.
 */
export function ensureSysroot(at: Sysroot): void {
  const { host, sysroot } = at;
  const paths = statePaths(sysroot);
  const exists = checkStateVersion(at, 'write');
  for (const path of [paths.lock, paths.transactions, paths.deployments, paths.names])
    ensureDirectory(host.sys, path);
  if (!exists) writeFileDurable(host.sys, paths.version, VERSION_FILE);
}
