import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createSys, type Fault, type Sys } from '../sys/index.ts';
import { type SentError, sendableError } from './sent-error.ts';

/** What a thread is started with. */
export interface ThreadSetup {
  readonly kind: string;
  readonly setup: unknown;
  readonly fault: Fault | undefined;
}

export interface JobMessage {
  readonly id: number;
  readonly job: unknown;
}

export type JobReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: SentError };

/** Makes what works off the jobs of one kind, from what the crew was started with. */
export type ThreadMain = (sys: Sys, setup: unknown) => (job: unknown) => unknown;

/**
 * The body of a worker thread: works off one job after the other, each to its end, until it is terminated. `kinds`
 * names what there is; a kind is loaded when a thread of it starts.
 */
export async function serve(kinds: Readonly<Record<string, () => Promise<ThreadMain>>>): Promise<void> {
  if (parentPort === null) throw new Error('not a worker thread');
  const port: MessagePort = parentPort;
  const { kind, setup, fault } = workerData as ThreadSetup;
  const load = kinds[kind];
  if (load === undefined) throw new Error(`no thread does ${kind}`);
  const work = (await load())(createSys(fault), setup);
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: JobMessage) => {
    last = last.then(async () => port.postMessage(await answer(message, work)));
  });
}

async function answer({ id, job }: JobMessage, work: (job: unknown) => unknown): Promise<JobReply> {
  try {
    return { id, result: await work(job) };
  } catch (error) {
    return { id, error: sendableError(error) };
  }
}
