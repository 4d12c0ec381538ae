import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createSys, type Fault } from '../sys/index.ts';
import { fileIngester, type IngestFile, type SentError, sendableError } from './ingest-file.ts';
import type { ObjectPlace } from './objects.ts';

/** What a worker thread is started with. */
export interface WorkerSetup {
  readonly place: ObjectPlace;
  readonly fault: Fault | undefined;
}

export interface Batch {
  readonly id: number;
  readonly files: readonly IngestFile[];
}

/** The digests of a batch in its order, or what went wrong. */
export type BatchReply =
  | { readonly id: number; readonly digests: readonly string[] }
  | { readonly id: number; readonly error: SentError };

/** The worker thread: takes batches until it is terminated. */
export function serve(): void {
  if (parentPort === null) throw new Error('not a worker thread');
  const port: MessagePort = parentPort;
  const { place, fault } = workerData as WorkerSetup;
  const ingest = fileIngester(createSys(fault), place);
  port.on('message', (batch: Batch) => port.postMessage(answer(batch, ingest)));
}

function answer(batch: Batch, ingest: (file: IngestFile) => string): BatchReply {
  try {
    return { id: batch.id, digests: batch.files.map(ingest) };
  } catch (error) {
    return { id: batch.id, error: sendableError(error) };
  }
}
