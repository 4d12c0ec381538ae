import { toText } from '../formats/bytes/index.ts';
import { isDirectory, isTemporaryName, listDirectory, removeLeftover } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { deleteRef, listRefs, openStore, writableStore } from '../store/index.ts';
import { type RecoveryHandler, statePaths, type Transaction } from '../transaction/index.ts';
import { DEPLOYMENT_REFS, storePath } from './paths.ts';
import { closePrivateFiles } from './public/index.ts';

/**
 * Removes what a killed run left of a deployment that it was making, removing or changing: refs of deployments that are not there, and what
 * has a temporary name. The refs go first: by the temporary names it is known that they are of deployments that are on their way in or out. Closes what an older program let everybody
 * read.
 */
export const deploymentRecovery: RecoveryHandler = transaction => {
  const { host, sysroot } = transaction;
  const { deployments, names } = statePaths(sysroot);
  const found = listDirectory(host.sys, deployments).map(toText);
  const refs = dropRefs(transaction, found);
  const shared = listDirectory(host.sys, names).map(toText);
  const directories = [
    deployments,
    ...found.filter(name => !isTemporaryName(name)).map(name => `${deployments}/${name}`),
    ...shared.map(name => `${names}/${name}`),
    `${sysroot}/cache/apt`,
  ].filter(path => isDirectory(host.sys, path));
  closePrivateFiles(transaction);
  return [...refs, ...directories.flatMap(path => removeTemporaries(host, path))];
};

function removeTemporaries(host: Host, directory: string): string[] {
  const found = listDirectory(host.sys, directory).map(toText).filter(isTemporaryName);
  return found.map(name => `${directory}/${name}`).filter(path => removeLeftover(host, path));
}

/** Where there is no deployment at all, the state may have been lost, and each ref is the last word on what was in use. */
function dropRefs(transaction: Transaction, found: readonly string[]): string[] {
  const { host, sysroot } = transaction;
  const path = storePath(sysroot);
  if (host.sys.lstatIfExists(`${path}/meta.json`) === undefined) return [];
  const isLost = found.every(isTemporaryName);
  const orphans = listRefs(openStore(host, path), DEPLOYMENT_REFS)
    .map(ref => ref.name)
    .filter(name => {
      const id = name.slice(DEPLOYMENT_REFS.length);
      return !found.includes(id) && (!isLost || found.includes(`.tmp-${id}`));
    });
  if (orphans.length === 0) return [];
  const store = writableStore(transaction);
  for (const name of orphans) deleteRef(store, name);
  return orphans.map(name => `ref ${name}`);
}
