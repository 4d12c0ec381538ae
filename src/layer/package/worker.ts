import type { ObjectPlace } from '../../store/index.ts';
import type { ThreadMain } from '../../threads/index.ts';
import { type ImportJob, importOne } from './import-one.ts';

/** Name of the jobs that import one .deb each and answer with the digest of its image. */
export const PACKAGE = 'package';

export const packageThread: ThreadMain = (sys, setup) => {
  return job => importOne(sys, setup as ObjectPlace, job as ImportJob);
};
