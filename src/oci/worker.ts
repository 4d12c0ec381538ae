import type { ObjectPlace } from '../store/index.ts';
import type { ThreadMain } from '../threads/index.ts';
import { importLayer, type LayerJob } from './import-layer.ts';

/** Name of the jobs that import one layer each and answer with the digest of its image. */
export const LAYER = 'layer';

export const layerThread: ThreadMain = (sys, setup) => {
  return job => importLayer(sys, setup as ObjectPlace, job as LayerJob);
};
