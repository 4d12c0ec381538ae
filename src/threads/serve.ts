import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { AptLayerError } from '../errors/index.ts';
import { createSys, type Fault, type Sys } from '../sys/index.ts';
import { type SentError, sendableError } from './sent-error.ts';

/** What a thread is started with. */
export interface ThreadSetup {
  readonly kind: string;
  readonly setup: unknown;
  readonly fault: Fault | undefined;
  /** One Int32; not 0 when what is being done is not wanted any more. */
  readonly stop: SharedArrayBuffer;
}

export interface JobMessage {
  readonly id: number;
  readonly job: unknown;
}

/** Ends the thread when it has done what was sent before, or noticed that it should stop. */
export interface EndMessage {
  readonly end: true;
}

export type JobReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: SentError };

/** Makes what works off the jobs of one kind, from what the crew was started with. */
export type ThreadMain = (sys: Sys, setup: unknown) => (job: unknown) => unknown;

/**
 * The body of a worker thread: works off one job after the other, until it is told to end. `kinds`
 * names what there is; a kind is loaded when a thread of it starts.
 */
export async function serve(kinds: Readonly<Record<string, () => Promise<ThreadMain>>>): Promise<void> {
  if (parentPort === null) throw new Error('not a worker thread');
  const port: MessagePort = parentPort;
  const { kind, setup, fault, stop } = workerData as ThreadSetup;
  const isStopped = () => Atomics.load(new Int32Array(stop), 0) !== 0;
  const load = kinds[kind];
  if (load === undefined) throw new Error(`no thread does ${kind}`);
  const work = (await load())(stoppable(createSys(fault), isStopped), setup);
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: JobMessage | EndMessage) => {
    last = last.then(async () => {
      if ('end' in message) port.close();
      else if (!isStopped()) port.postMessage(await answer(message, work));
    });
  });
}

/** System calls that fail once the thread should stop: whatever takes long reads or writes. */
function stoppable(sys: Sys, isStopped: () => boolean): Sys {
  const check = () => {
    if (isStopped()) throw new AptLayerError('INTERRUPTED', 'interrupted while storing files');
  };
  return {
    ...sys,
    read(fd, buffer, position) {
      check();
      return sys.read(fd, buffer, position);
    },
    write(fd, data) {
      check();
      sys.write(fd, data);
    },
    writeAt(fd, data, position) {
      check();
      sys.writeAt(fd, data, position);
    },
  };
}

async function answer({ id, job }: JobMessage, work: (job: unknown) => unknown): Promise<JobReply> {
  try {
    return { id, result: await work(job) };
  } catch (error) {
    return { id, error: sendableError(error) };
  }
}
