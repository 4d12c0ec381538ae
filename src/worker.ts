import { serve } from './threads/index.ts';

await serve({
  ingest: async () => (await import('./store/worker.ts')).ingestThread,
  package: async () => (await import('./layer/package/worker.ts')).packageThread,
  layer: async () => (await import('./oci/worker.ts')).layerThread,
});
