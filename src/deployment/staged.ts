import { AptLayerError } from '../errors/index.ts';
import { readFileIfExists, removeLeftover, syncDirectory, writeFileDurable } from '../fs/index.ts';
import { deleteRef, writableStore } from '../store/index.ts';
import {
  parseStateFile,
  STATE_FILE_MAX_BYTES,
  type Sysroot,
  statePaths,
  type Transaction,
} from '../transaction/index.ts';
import { isDeploymentId } from './name.ts';
import { deploymentPath, deploymentRef, etcPath } from './paths.ts';

/** A deployment that is written but gets its /etc and its boot entry only at shutdown. */
export interface Staged {
  readonly deployment: string;
  /** Why the last attempt to finalize it failed. */
  readonly failure: string | undefined;
}

const VERSION = 1;

/** What `state/staged.json` says; undefined when nothing is staged. CONFIG_INVALID when it is damaged or newer. */
export function readStaged({ host, sysroot }: Sysroot): Staged | undefined {
  const path = statePaths(sysroot).staged;
  const data = readFileIfExists(host.sys, path, STATE_FILE_MAX_BYTES);
  if (data === undefined) return undefined;
  const { version, deployment, failure } = parseStateFile(path, data);
  if (version !== VERSION || typeof deployment !== 'string' || !isDeploymentId(deployment))
    throw new AptLayerError('CONFIG_INVALID', `${path} does not name a deployment`, {
      hint: `remove ${path}; what was staged is then one of the other deployments`,
    });
  return { deployment, failure: typeof failure === 'string' ? failure : undefined };
}

/** Durable when it returns. */
export function writeStaged({ host, sysroot }: Transaction, staged: Staged): void {
  writeFileDurable(
    host.sys,
    statePaths(sysroot).staged,
    `${JSON.stringify({ version: VERSION, ...staged })}\n`,
  );
}

/** Nothing is staged any more; the deployment stays what it is. Durable when it returns. */
export function clearStaged({ host, sysroot }: Transaction): void {
  const { staged, state } = statePaths(sysroot);
  if (host.sys.lstatIfExists(staged) === undefined) return;
  host.sys.unlink(staged);
  syncDirectory(host.sys, state);
}

/** Takes a deployment away that was staged and never finalized. A crash in between leaves it whole, or gone. */
export function removeUnfinalized(transaction: Transaction, id: string): void {
  const { host, sysroot } = transaction;
  const { deployments } = statePaths(sysroot);
  const path = deploymentPath(sysroot, id);
  if (
    host.sys.lstatIfExists(path) === undefined ||
    host.sys.lstatIfExists(etcPath(sysroot, id)) !== undefined
  )
    return;
  const aside = `${deployments}/.tmp-${id}`;
  host.sys.rename(path, aside);
  syncDirectory(host.sys, deployments);
  deleteRef(writableStore(transaction), deploymentRef(id));
  removeLeftover(host, aside);
}
