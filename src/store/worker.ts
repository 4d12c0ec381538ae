import type { ThreadMain } from '../threads/index.ts';
import { fileIngester, type IngestFile } from './ingest-file.ts';
import type { ObjectPlace } from './object-file.ts';

/** Name of the jobs that turn batches of files into objects and answer with their digests, in the same order. */
export const INGEST = 'ingest';

export const ingestThread: ThreadMain = (sys, setup) => {
  const ingest = fileIngester(sys, setup as ObjectPlace);
  return job => (job as readonly IngestFile[]).map(ingest);
};
