import { AptLayerError } from '../errors/index.ts';
import { type ImageReference, renderImageReference } from '../formats/reference/index.ts';
import type { Host } from '../host/index.ts';
import { type PriorImage, priorOf } from '../oci/index.ts';
import { log } from '../report/index.ts';
import { openImage } from './open-image.ts';

/**
 * What an image that was exported before says of its layers, without fetching any. `stage` is as for `openImage`. Undefined where there is
 * none, and, with a note, where it cannot be read, as of an image for another architecture: an export only does more work without it.
 */
export async function findPrior(
  host: Host,
  reference: ImageReference,
  stage: string,
): Promise<PriorImage | undefined> {
  try {
    return await readPrior(host, reference, stage);
  } catch (error) {
    if (!(error instanceof AptLayerError) || error.code === 'INTERRUPTED') throw error;
    if (error.code !== 'NOT_FOUND')
      log(host.report, 'warning', `${renderImageReference(reference)} is no help: ${error.message}`);
    return undefined;
  }
}

/** The same for an image that has to be there. */
export async function readPrior(host: Host, reference: ImageReference, stage: string): Promise<PriorImage> {
  return priorOf((await openImage(host, { reference, stage })).found);
}
