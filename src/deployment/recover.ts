import { toText } from '../formats/bytes/index.ts';
import { isDirectory, isTemporaryName, listDirectory, removeTree } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { deleteRef, listRefs, openStore, writableStore } from '../store/index.ts';
import { type RecoveryHandler, statePaths, type Transaction } from '../transaction/index.ts';
import { DEPLOYMENT_REFS, deploymentPath, storePath } from './paths.ts';
import { closePrivateFiles } from './public/index.ts';

/**
 * Removes what a killed run left of a deployment that it was making or removing: directories under a temporary name,
 * and refs of deployments that are not there. Closes what an older program let everybody read.
 */
export const deploymentRecovery: RecoveryHandler = transaction => {
  const { host, sysroot } = transaction;
  const { deployments, names } = statePaths(sysroot);
  const cleaned = removeTemporaries(host, deployments);
  for (const name of listDirectory(host.sys, names))
    if (isDirectory(host.sys, `${names}/${toText(name)}`))
      cleaned.push(...removeTemporaries(host, `${names}/${toText(name)}`));
  closePrivateFiles(transaction);
  return [...cleaned, ...dropRefs(transaction)];
};

function removeTemporaries(host: Host, directory: string): string[] {
  const found = listDirectory(host.sys, directory).map(toText).filter(isTemporaryName);
  for (const name of found) removeTree(host.sys, `${directory}/${name}`);
  return found.map(name => `${directory}/${name}`);
}

function dropRefs(transaction: Transaction): string[] {
  const { host, sysroot } = transaction;
  const path = storePath(sysroot);
  if (host.sys.lstatIfExists(`${path}/meta.json`) === undefined) return [];
  const orphans = listRefs(openStore(host, path), DEPLOYMENT_REFS)
    .map(ref => ref.name)
    .filter(name => {
      const id = name.slice(DEPLOYMENT_REFS.length);
      return host.sys.lstatIfExists(deploymentPath(sysroot, id)) === undefined;
    });
  if (orphans.length === 0) return [];
  const store = writableStore(transaction);
  for (const name of orphans) deleteRef(store, name);
  return orphans.map(name => `ref ${name}`);
}
