import { ensureDirectory, writeFileDurable } from '../fs/index.ts';
import { log } from '../report/index.ts';
import { type Sysroot, statePaths } from './paths.ts';
import { checkStateVersion, VERSION_FILE } from './state-version.ts';

/**
 * Makes the state directories of a sysroot, and its version file. Idempotent. Called with the lock held: the lock's
 * own directory is the one thing made before it.
 */
export function ensureSysroot(at: Sysroot): void {
  const { host, sysroot } = at;
  const paths = statePaths(sysroot);
  const { version, damage } = checkStateVersion(at, 'write');
  if (damage !== undefined)
    log(host.report, 'warning', `${damage}; it is written anew, as what this program writes`);
  for (const path of [paths.lock, paths.transactions, paths.deployments, paths.names])
    ensureDirectory(host.sys, path);
  if (version === undefined) writeFileDurable(host.sys, paths.version, VERSION_FILE);
}
