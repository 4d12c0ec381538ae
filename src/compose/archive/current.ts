import { listDeployments } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { ensureDirectory, removeTree } from '../../fs/index.ts';
import {
  type BuiltImage,
  ensureFresh,
  type LookupContext,
  listsAge,
  type MetadataPolicy,
  refreshLists,
  restore,
} from '../../layer/index.ts';
import { log } from '../../report/index.ts';
import { openStore, readImage, type Store, storePath } from '../../store/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';

const RUNTIME_DIRECTORY = '/run/apt-layer';

export interface LookupOptions {
  readonly verb: string;
  readonly commandLine: string;
  readonly waitSeconds: number;
  readonly metadata: MetadataPolicy;
}

/**
 * Lets `action` look at the archives through the apt of the first deployment. Takes no lock, so that it works while
 * something is being built.
 */
export async function withCurrentArchive<T>(
  at: Sysroot,
  action: (context: LookupContext, image: BuiltImage) => Promise<T>,
): Promise<T> {
  const { host, sysroot } = at;
  const store = openStore(host, storePath(sysroot));
  const workDirectory = `${RUNTIME_DIRECTORY}/look-${process.pid}-${host.random(4).toString('hex')}`;
  ensureDirectory(host.sys, workDirectory, 0o700);
  const context = { host, store, sysroot, workDirectory, onOutput: () => undefined, logPath: '/dev/null' };
  try {
    return await action(context, currentImage(at, store));
  } finally {
    removeTree(host.sys, workDirectory);
  }
}

/** The image of the first deployment as the plain root it was built as. */
export function currentImage(at: Sysroot, store: Store): BuiltImage {
  const { sysroot } = at;
  const current = listDeployments(at)[0];
  if (current === undefined)
    throw new AptLayerError('NOT_FOUND', `there is no deployment in ${sysroot} yet`, {
      hint: 'build a first one: apt-layer compose tree examples/debian-13.yaml',
    });
  return { digest: current.image, tree: restore(readImage(store, current.image)) };
}

/** Fetches package lists that are missing or old, with the lock; while another has it, old ones will do. */
export async function ensureCurrentLists(
  context: LookupContext,
  image: BuiltImage,
  options: LookupOptions,
): Promise<void> {
  const { host } = context;
  const { verb, commandLine, waitSeconds, metadata } = options;
  const age = listsAge(context, image);
  const refresh = () =>
    withTransaction(context, { verb, commandLine, wait: waitSeconds }, transaction =>
      refreshLists({ ...context, host: transaction.host, logPath: `${transaction.directory}/log` }, image),
    ).catch((error: unknown) => {
      if (age === undefined || !(error instanceof AptLayerError) || error.code !== 'LOCKED') throw error;
      log(host.report, 'warning', `package lists are ${Math.round(age / 3600)} hours old: ${error.message}`);
    });
  await ensureFresh(host.report, metadata, { of: 'this deployment', age, refresh });
}
