import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { AptLayerError } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import { receivedError } from './sent-error.ts';
import type { EndMessage, JobMessage, JobReply, ThreadSetup } from './serve.ts';

/** More threads than this only wait for the disk. */
const THREADS_MAX = 4;

/** Threads that work off jobs of one kind. */
export interface Crew<Job, Result> {
  /**
   * Gives a job to the thread that has least to do, by `weight` (any unit). `onResult` is called when it is done, in
   * no order.
   */
  send(job: Job, weight: number, onResult: (result: Result) => void): void;
  /** Waits for everything sent and ends the threads. Throws the first error of any job; the others are abandoned. */
  finish(): Promise<void>;
  /** Instead of `finish`, when there will be no more jobs because of `reason`: ends the threads, and throws it. */
  abandon(reason: unknown): Promise<never>;
}

interface Lane {
  readonly worker: Worker;
  readonly exited: Promise<void>;
  /** Weight sent and not answered. */
  pending: number;
}

/** Starts threads that serve jobs of `kind` (the name given to `serve`); `setup` must be cloneable. */
export function startCrew<Setup, Job, Result>(host: Host, kind: string, setup: Setup): Crew<Job, Result> {
  const { lanes, stop } = startThreads(host, kind, setup);
  const waiting = new Map<number, { weight: number; lane: Lane; onResult: (result: Result) => void }>();
  let nextId = 0;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    wake?.();
  };
  const receive = (reply: JobReply) => {
    const sent = waiting.get(reply.id);
    if (sent === undefined || failure !== undefined) return;
    waiting.delete(reply.id);
    sent.lane.pending -= sent.weight;
    if ('error' in reply) return fail(receivedError(reply.error));
    sent.onResult(reply.result as Result);
    if (waiting.size === 0) wake?.();
  };
  const onAbort = () => fail(new AptLayerError('INTERRUPTED', 'interrupted while storing files'));
  host.signal.addEventListener('abort', onAbort, { once: true });
  for (const { worker } of lanes) {
    worker.on('message', receive);
    worker.on('error', fail);
  }
  const end = async () => {
    host.signal.removeEventListener('abort', onAbort);
    // Not `terminate()`: a thread that is terminated inside the native addon takes the process with it.
    if (failure !== undefined) Atomics.store(stop, 0, 1);
    for (const { worker } of lanes) worker.postMessage({ end: true } satisfies EndMessage);
    await Promise.all(lanes.map(({ exited }) => exited));
    if (failure !== undefined) throw failure;
  };
  return {
    send(job, weight, onResult) {
      const lane = lanes.reduce((least, other) => (other.pending < least.pending ? other : least));
      const message: JobMessage = { id: nextId++, job };
      lane.pending += weight;
      waiting.set(message.id, { weight, lane, onResult });
      lane.worker.postMessage(message);
    },
    async finish() {
      while (waiting.size > 0 && failure === undefined)
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      await end();
    },
    async abandon(reason) {
      fail(reason);
      await end();
      throw reason;
    },
  };
}

function startThreads(host: Host, kind: string, setup: unknown): { lanes: Lane[]; stop: Int32Array } {
  // Loaded with the first threads: verbs that only read start faster without it.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const workerData: ThreadSetup = { kind, setup, fault: host.fault, stop };
  const count = Math.min(availableParallelism(), THREADS_MAX);
  const lanes = Array.from({ length: count }, (): Lane => {
    const worker = new Worker(host.workerScript, { workerData });
    const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()));
    return { worker, exited, pending: 0 };
  });
  return { lanes, stop: new Int32Array(stop) };
}
