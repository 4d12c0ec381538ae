import { readBooted, readBootOrder } from '../boot/index.ts';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import { toText } from '../formats/bytes/index.ts';
import { isTemporaryName, listDirectory, readFileBytes } from '../fs/index.ts';
import { checkStateVersion, STATE_FILE_MAX_BYTES, type Sysroot, statePaths } from '../transaction/index.ts';
import { readBadImages } from './bad-images.ts';
import type { Deployment, DeploymentRecord } from './model.ts';
import { isDeploymentId } from './name.ts';
import { inOrder } from './order.ts';
import { deploymentPath, etcPath, pinPath, recordPath } from './paths.ts';
import { isDenied, readPublic } from './public/index.ts';
import { parseDeployment } from './record.ts';
import { readStaged } from './staged.ts';

/** A deployment directory that cannot be used. Nothing deletes it: what cannot be read may be in use. */
export interface DamagedDeployment {
  /** Of the deployment, or the name of a file of the state. */
  readonly id: string;
  readonly reason: string;
  /** False for a file that is about all deployments: they can be used without it. */
  readonly isDeployment: boolean;
}

export interface Deployments {
  /** In boot order: every complete deployment, whether the order names it or not. */
  readonly deployments: readonly Deployment[];
  readonly damaged: readonly DamagedDeployment[];
  /** Why the staged deployment could not be finalized at the last shutdown. */
  readonly stagingFailure: string | undefined;
}

/**
 * Reads every deployment of a sysroot. Needs neither the lock nor the store: a directory that comes or goes meanwhile
 * is in the result or not. A sysroot that does not exist has none.
 */
export function readDeployments(at: Sysroot): Deployments {
  const { host, sysroot } = at;
  const { damage } = checkStateVersion(at, 'read');
  const booted = readBooted(at)?.deployment;
  const damaged: DamagedDeployment[] =
    damage === undefined
      ? []
      : [{ id: 'version', isDeployment: false, reason: `${damage}; the next change writes it anew` }];
  const staged = readable(damaged, 'staged.json', () => readStaged(at));
  const bootOrder = readable(damaged, 'boot.json', () => readBootOrder(at));
  const badImages = readable(damaged, 'bad-images.json', () => readBadImages(at)) ?? [];
  // What is staged is what the machine boots next, when nothing goes wrong on the way.
  const order = [...(staged === undefined ? [] : [staged.deployment]), ...(bootOrder ?? [])];
  const bad = new Set(badImages.map(one => one.deployment));
  const records: DeploymentRecord[] = [];
  for (const bytes of listDirectory(host.sys, statePaths(sysroot).deployments)) {
    const id = toText(bytes);
    if (isTemporaryName(id)) continue;
    const found = readRecord(at, id);
    if (found === undefined) continue;
    if ('reason' in found) damaged.push(found);
    else records.push(found);
  }
  const deployments = inOrder(order, records).map((record, index) => ({
    ...record,
    index,
    booted: record.id === booted,
    staged: record.id === staged?.deployment,
    finalized: host.sys.lstatIfExists(etcPath(sysroot, record.id)) !== undefined,
    bad: bad.has(record.id),
    pinned: host.sys.lstatIfExists(pinPath(deploymentPath(sysroot, record.id))) !== undefined,
  }));
  return { deployments, damaged, stagingFailure: staged?.failure };
}

/** What becomes of files that only say something about deployments. */
const WAY_OUT = {
  'boot.json':
    'the next change of the order writes it anew; until then the deployments are in the order of their age',
  'staged.json': 'what is staged next is written anew; until then nothing is staged, or remove it',
  'bad-images.json':
    'it is written anew when an image does not come up; until then none is known as bad, or remove it',
} as const;

/** A file that only says something about deployments does not stop anything when it cannot be read. */
function readable<T>(damaged: DamagedDeployment[], id: keyof typeof WAY_OUT, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    damaged.push({ id, isDeployment: false, reason: `${error.message}; ${WAY_OUT[id]}` });
    return undefined;
  }
}

/** The deployments alone, in boot order. */
export function listDeployments(at: Sysroot): readonly Deployment[] {
  return readDeployments(at).deployments;
}

function readRecord(at: Sysroot, id: string): DeploymentRecord | DamagedDeployment | undefined {
  const { host, sysroot } = at;
  if (!isDeploymentId(id)) return { id, isDeployment: true, reason: 'its name is no deployment id' };
  const directory = deploymentPath(sysroot, id);
  const path = recordPath(directory);
  try {
    const record = recordOrPublic(at, { id, path });
    return record.id === id ? record : { id, isDeployment: true, reason: `${path} is about ${record.id}` };
  } catch (error) {
    if (error instanceof AptLayerError || errnoOf(error) !== undefined) {
      // A concurrent cleanup took it away.
      if (host.sys.lstatIfExists(directory) === undefined) return undefined;
      return { id, isDeployment: true, reason: (error as Error).message };
    }
    throw error;
  }
}

/** What root reads, or what of it anybody may. */
function recordOrPublic(at: Sysroot, { id, path }: { id: string; path: string }): DeploymentRecord {
  try {
    return parseDeployment(path, readFileBytes(at.host.sys, path, STATE_FILE_MAX_BYTES));
  } catch (error) {
    if (!isDenied(error)) throw error;
    return readPublic(at, id).deployment;
  }
}
