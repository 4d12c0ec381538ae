import { AptLayerError, errnoOf } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import { readFileIfExists, removeLeftover, retried, syncDirectory, writeFileDurable } from '../fs/index.ts';
import { log } from '../report/index.ts';
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
  return data === undefined ? undefined : parseStaged(path, data);
}

function parseStaged(path: string, data: Buffer): Staged {
  const { version, deployment, failure } = parseStateFile(path, data);
  if (version !== VERSION || typeof deployment !== 'string' || !isDeploymentId(deployment))
    throw new AptLayerError('CONFIG_INVALID', `${path} does not name a deployment`, {
      hint: `remove ${path}; what was staged is then one of the other deployments`,
    });
  return { deployment, failure: typeof failure === 'string' ? failure : undefined };
}

/** Durable when it returns. What could not be read back is not written: CONFIG_INVALID. */
export function writeStaged({ host, sysroot }: Transaction, staged: Staged): void {
  const text = `${JSON.stringify({ version: VERSION, ...staged })}\n`;
  parseStaged('what is to be staged', Buffer.from(text));
  writeFileDurable(host.sys, statePaths(sysroot).staged, text);
}

/** Nothing is staged any more; the deployment stays what it is. Durable when it returns. */
export function clearStaged({ host, sysroot }: Transaction): void {
  const { staged, state } = statePaths(sysroot);
  if (host.sys.lstatIfExists(staged) === undefined) return;
  host.sys.unlink(staged);
  syncDirectory(host.sys, state);
}

/**
 * Takes a deployment away that was staged and never finalized. A crash in between leaves it whole, or gone. One that cannot be moved out of
 * the way stays, with a warning: it is one of the others then.
 */
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
  try {
    retried(host.sys, fromText(path), () => host.sys.rename(path, aside));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    log(host.report, 'warning', `${id} could not be removed and stays: ${(error as Error).message}`);
    return;
  }
  syncDirectory(host.sys, deployments);
  deleteRef(writableStore(transaction), deploymentRef(id));
  removeLeftover(host, aside);
}
