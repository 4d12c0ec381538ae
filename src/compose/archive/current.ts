import { AptLayerError } from '../../errors/index.ts';
import { ensureDirectory, removeTree } from '../../fs/index.ts';
import {
  ensureFresh,
  type LookupContext,
  listsAge,
  type MetadataPolicy,
  refreshLists,
  restore,
  type SourcedImage,
} from '../../layer/index.ts';
import { log } from '../../report/index.ts';
import { openStore, readImage, type Store, storePath } from '../../store/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { atSnapshot, specArchives } from '../build/index.ts';
import { currentDeployment, currentOrigin } from '../change/index.ts';
import { parseSpec } from '../spec/index.ts';

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
  options: Pick<LookupOptions, 'metadata'>,
  action: (context: LookupContext, image: SourcedImage) => Promise<T>,
): Promise<T> {
  const { host, sysroot } = at;
  const store = openStore(host, storePath(sysroot));
  const workDirectory = `${RUNTIME_DIRECTORY}/look-${process.pid}-${host.random(4).toString('hex')}`;
  ensureDirectory(host.sys, workDirectory, 0o700);
  const context = { host, store, sysroot, workDirectory, onOutput: () => undefined, logPath: '/dev/null' };
  try {
    return await action(context, currentImage(at, store, options.metadata));
  } finally {
    removeTree(host.sys, workDirectory);
  }
}

/** The image of the first deployment as the plain root it was built as. */
export function currentImage(at: Sysroot, store: Store, metadata: MetadataPolicy): SourcedImage {
  const { image: digest } = currentDeployment(at);
  const { id, specText } = currentOrigin(at);
  const archives = specArchives(atSnapshot(parseSpec(specText, `${id}/spec.yaml`)), metadata);
  return { digest, tree: restore(readImage(store, digest)), archives };
}

/** Fetches package lists that are missing or old, with the lock; while another has it, old ones will do. */
export async function ensureCurrentLists(
  context: LookupContext,
  image: SourcedImage,
  options: LookupOptions,
): Promise<void> {
  const { host } = context;
  const { verb, commandLine, waitSeconds, metadata } = options;
  const age = await listsAge(context, image);
  const refresh = () =>
    withTransaction(context, { verb, commandLine, wait: waitSeconds }, transaction =>
      refreshLists({ ...context, host: transaction.host, logPath: `${transaction.directory}/log` }, image),
    ).catch((error: unknown) => {
      if (age === undefined || !(error instanceof AptLayerError) || error.code !== 'LOCKED') throw error;
      log(host.report, 'warning', `package lists are ${Math.round(age / 3600)} hours old: ${error.message}`);
    });
  await ensureFresh(host.report, metadata, { of: 'this deployment', age, refresh });
}
