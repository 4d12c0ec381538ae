import { type Crew, startCrew } from '../threads/index.ts';
import { fileIngester, type IngestFile } from './ingest-file.ts';
import type { ObjectPlace } from './object-file.ts';
import { objectPlace } from './objects.ts';
import type { WritableStore } from './store.ts';
import { INGEST } from './worker.ts';

/** A batch is sent when it has this many files or bytes. */
const BATCH_FILES = 128;
const BATCH_BYTES = 8 * 1024 * 1024;
/** With less to do than this, starting threads takes longer than the work. */
const INLINE_BYTES = 4 * 1024 * 1024;
const INLINE_FILES = 100;
/** What storing a file costs besides its bytes, in bytes that take as long. */
const BYTES_PER_FILE = 16_384;

/** Turns files into objects on several threads. Digests arrive through `onDigest` in no order. */
export interface IngestPool {
  add(file: IngestFile, onDigest: (digest: string) => void): void;
  /** Waits for everything added. Throws the first error of any file; the other threads are stopped. */
  finish(): Promise<void>;
  /** Instead of `finish`, when nothing more is to be stored because of `reason`: ends the threads, and throws it. */
  abandon(reason: unknown): Promise<never>;
}

interface Task {
  readonly file: IngestFile;
  readonly onDigest: (digest: string) => void;
}

/** `progress` hears the bytes done so far. */
export function ingestPool(
  store: WritableStore,
  progress: (doneBytes: number) => void = () => undefined,
): IngestPool {
  const held: Task[] = [];
  let heldBytes = 0;
  let doneBytes = 0;
  let crew: Crew<readonly IngestFile[], readonly string[]> | undefined;
  const flush = () => {
    crew ??= startCrew<ObjectPlace, readonly IngestFile[], readonly string[]>(
      store.host,
      INGEST,
      objectPlace(store),
    );
    const tasks = held.splice(0);
    const files = tasks.map(task => task.file);
    // Every file costs something besides its bytes: opening, linking.
    const weight = heldBytes + tasks.length * BYTES_PER_FILE;
    heldBytes = 0;
    crew.send(files, weight, digests => {
      tasks.forEach((task, index) => {
        task.onDigest(digests[index] as string);
      });
      doneBytes += weight;
      progress(doneBytes);
    });
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
    async abandon(reason) {
      await crew?.abandon(reason);
      throw reason;
    },
  };
}

function runInline(store: WritableStore, tasks: readonly Task[]): void {
  if (tasks.length === 0) return;
  const ingest = fileIngester(store.host.sys, objectPlace(store));
  for (const { file, onDigest } of tasks) onDigest(ingest(file));
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
