import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { AptLayerError, type ErrorCode } from '../errors/index.ts';
import { fileIngester, type IngestFile, type SentError } from './ingest-file.ts';
import { objectPlace } from './objects.ts';
import type { WritableStore } from './store.ts';
import type { Batch, BatchReply, WorkerSetup } from './worker.ts';

/** More threads than this only wait for the disk. */
const WORKERS_MAX = 4;
/** A batch is sent when it has this many files or bytes. */
const BATCH_FILES = 128;
const BATCH_BYTES = 8 * 1024 * 1024;
/** With less to do than this, starting threads takes longer than the work. */
const INLINE_BYTES = 4 * 1024 * 1024;
const INLINE_FILES = 100;

/** Turns files into objects on several threads. Digests arrive through `onDigest` in no order. */
export interface IngestPool {
  add(file: IngestFile, onDigest: (digest: string) => void): void;
  /** Waits for everything added. Throws the first error of any file; the other threads are stopped. */
  finish(): Promise<void>;
}

interface Task {
  readonly file: IngestFile;
  readonly onDigest: (digest: string) => void;
}

interface Lane {
  readonly worker: Worker;
  /** Bytes sent and not answered; the next batch goes where they are fewest. */
  pendingBytes: number;
}

/** `progress` hears the bytes done so far. */
export function ingestPool(
  store: WritableStore,
  progress: (doneBytes: number) => void = () => undefined,
): IngestPool {
  const held: Task[] = [];
  let heldBytes = 0;
  let crew: Crew | undefined;
  const flush = () => {
    crew ??= startCrew(store, progress);
    crew.send(held.splice(0), heldBytes);
    heldBytes = 0;
  };
  return {
    add(file, onDigest) {
      held.push({ file, onDigest });
      heldBytes += file.size;
      if (held.length >= BATCH_FILES || heldBytes >= BATCH_BYTES) flush();
    },
    async finish() {
      if (crew === undefined && held.length <= INLINE_FILES && heldBytes <= INLINE_BYTES) {
        runInline(store, held);
        return;
      }
      if (held.length > 0) flush();
      await crew?.finish();
    },
  };
}

function runInline(store: WritableStore, tasks: readonly Task[]): void {
  if (tasks.length === 0) return;
  const ingest = fileIngester(store.host.sys, objectPlace(store));
  for (const { file, onDigest } of tasks) onDigest(ingest(file));
}

interface Crew {
  send(tasks: readonly Task[], bytes: number): void;
  finish(): Promise<void>;
}

function startCrew(store: WritableStore, progress: (doneBytes: number) => void): Crew {
  const { host } = store;
  const waiting = new Map<number, { tasks: readonly Task[]; bytes: number; lane: Lane }>();
  const setup: WorkerSetup = { place: objectPlace(store), fault: host.fault };
  // Loaded with the first threads: verbs that only read start faster without it.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const count = Math.min(availableParallelism(), WORKERS_MAX);
  const lanes = Array.from(
    { length: count },
    (): Lane => ({ worker: new Worker(host.workerScript, { workerData: setup }), pendingBytes: 0 }),
  );
  let nextId = 0;
  let doneBytes = 0;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    wake?.();
  };
  const receive = (reply: BatchReply) => {
    const batch = waiting.get(reply.id);
    if (batch === undefined) return;
    waiting.delete(reply.id);
    batch.lane.pendingBytes -= batch.bytes;
    if ('error' in reply) return fail(receivedError(reply.error));
    batch.tasks.forEach((task, index) => {
      task.onDigest(reply.digests[index] as string);
    });
    doneBytes += batch.bytes;
    progress(doneBytes);
    if (waiting.size === 0) wake?.();
  };
  const onAbort = () => fail(new AptLayerError('INTERRUPTED', 'interrupted while storing files'));
  host.signal.addEventListener('abort', onAbort, { once: true });
  for (const { worker } of lanes) {
    worker.on('message', receive);
    worker.on('error', fail);
  }
  return {
    send(tasks, bytes) {
      const lane = lanes.reduce((least, other) => (other.pendingBytes < least.pendingBytes ? other : least));
      const batch: Batch = { id: nextId++, files: tasks.map(task => task.file) };
      // Every file costs something besides its bytes: opening, linking.
      const weight = bytes + tasks.length * 16_384;
      lane.pendingBytes += weight;
      waiting.set(batch.id, { tasks, bytes: weight, lane });
      lane.worker.postMessage(batch);
    },
    async finish() {
      try {
        while (waiting.size > 0 && failure === undefined)
          await new Promise<void>(resolve => {
            wake = resolve;
          });
      } finally {
        host.signal.removeEventListener('abort', onAbort);
        await Promise.all(lanes.map(({ worker }) => worker.terminate()));
      }
      if (failure !== undefined) throw failure;
    },
  };
}

/** The error of a worker thread as it would have been thrown here. */
function receivedError({ code, message }: SentError): Error {
  if (code?.startsWith('apt-layer:'))
    return new AptLayerError(code.slice('apt-layer:'.length) as ErrorCode, message);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

/** Stores files and returns their digests in the same order. */
export async function ingestFiles(store: WritableStore, files: readonly IngestFile[]): Promise<string[]> {
  const digests = new Array<string>(files.length);
  const pool = ingestPool(store);
  files.forEach((file, index) => {
    pool.add(file, digest => {
      digests[index] = digest;
    });
  });
  await pool.finish();
  return digests;
}
