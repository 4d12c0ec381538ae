import { AptLayerError, errnoOf } from '../../errors/index.ts';
import { type LookupContext, type MetadataPolicy, publishLists, restore } from '../../layer/index.ts';
import { log } from '../../report/index.ts';
import { readImage } from '../../store/index.ts';
import { atSnapshot, specArchives } from '../build/index.ts';
import type { Spec } from '../spec/index.ts';

/** Lets anybody find the package lists of an image that a spec was built to. That it cannot be is no reason to stop. */
export async function publishListsOf(
  context: LookupContext,
  of: { readonly digest: string; readonly spec: Spec; readonly metadata: MetadataPolicy },
): Promise<void> {
  try {
    const tree = restore(readImage(context.store, of.digest));
    const archives = specArchives(atSnapshot(of.spec), of.metadata);
    await publishLists(context, { digest: of.digest, tree, archives });
  } catch (error) {
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    log(context.host.report, 'debug', `nobody but root can search its archives: ${(error as Error).message}`);
  }
}
