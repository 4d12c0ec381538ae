import { readBooted } from '../boot/index.ts';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import { type Directory, lookupDirectory, type Tree } from '../formats/tree/index.ts';
import { log } from '../report/index.ts';
import { openStore, readImage, type Store } from '../store/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { type EtcMerge, type MergedEtc, mergeEtc } from './etc-merge/index.ts';
import { listDeployments } from './list.ts';
import type { Deployment } from './model.ts';
import { deploymentPath, etcPath, renumberAccountsPath, storePath } from './paths.ts';

/** An /etc that a deployment goes on with. */
interface EtcSource {
  /** As its image has it; undefined where that cannot be read, so that all of it counts as the machine's. */
  readonly base: Directory | undefined;
  readonly live: string;
}

/**
 * Merges the /etc that a deployment of `name` goes on with into that of an image, as a directory at `target`; without one it only says what would be.
 * It is the running one's. On a sysroot that nothing runs from, as in a rescue system, it is that of the first deployment of the same name.
 * Resolves to undefined where there is none: the name's first deployment has the image's own.
 */
export async function mergeContinuedEtc(
  at: Sysroot,
  options: { readonly name: string } & Pick<EtcMerge, 'image' | 'target' | 'renumberAccounts'>,
): Promise<MergedEtc | undefined> {
  const { host, sysroot } = at;
  const store = openStore(host, storePath(sysroot));
  const source = sourceOf(at, store, options.name);
  if (source === undefined) return undefined;
  return await mergeEtc(host, store, { ...source, ...options });
}

/** Whether accounts may get other numbers in the /etc that a deployment is to have. */
export function renumbersAccounts({ host, sysroot }: Sysroot, id: string): boolean {
  return host.sys.lstatIfExists(renumberAccountsPath(deploymentPath(sysroot, id))) !== undefined;
}

/** /etc of an image. */
export function etcOf(tree: Tree): Directory | undefined {
  return lookupDirectory(tree, fromText('/etc'));
}

function sourceOf(at: Sysroot, store: Store, name: string): EtcSource | undefined {
  const id = readBooted(at)?.deployment;
  const deployments = listDeployments(at);
  if (id === undefined) {
    const first = deployments.find(one => one.name === name && one.finalized);
    return first === undefined
      ? undefined
      : { base: baseOf(at, store, first), live: etcPath(at.sysroot, first.id) };
  }
  const booted = deployments.find(one => one.id === id);
  // It cannot be missing: nothing removes what is booted.
  if (booted === undefined) throw new Error(`${id} is booted, but not there`);
  return { base: etcOf(readImage(store, booted.image)), live: etcPath(at.sysroot, booted.id) };
}

/** A damaged image must not lose the machine's passwords and mounts. */
function baseOf(at: Sysroot, store: Store, { id, image }: Deployment): Directory | undefined {
  try {
    return etcOf(readImage(store, image));
  } catch (error) {
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    const why = (error as Error).message;
    log(at.host.report, 'warning', `all of the /etc of ${id} is kept, as its image cannot be read: ${why}`);
    return undefined;
  }
}
