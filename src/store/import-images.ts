import { step } from '../report/index.ts';
import { startCrew } from '../threads/index.ts';
import { listImage } from './images.ts';
import type { ObjectPlace } from './object-file.ts';
import { objectPlace } from './objects.ts';
import { setRefs } from './refs.ts';
import type { WritableStore } from './store.ts';

/** Something from outside that becomes an image of its own. */
export interface ImageImport<Job> {
  readonly ref: string;
  /** Bytes; decides how the work is shared out. */
  readonly size: number;
  readonly job: Job;
}

/** How it is imported. */
export interface Importing<Job> {
  /** Name of the threads' jobs, each of which answers with the digest of an image. */
  readonly kind: string;
  /** What there are several of, for people. */
  readonly what: string;
  /** The same as the threads do, for a single one that is not worth a thread: signals wait for its end. */
  readonly alone?: (place: ObjectPlace, job: Job) => string;
}

/** What one of them costs besides its bytes, in bytes that take as long. */
const BYTES_EACH = 65_536;

/**
 * Imports all of these, several at a time. Their refs are set in one go at the end, durably: an interrupted import leaves nothing visible.
 * The error of the first that fails; then none is imported.
 */
export async function importImages<Job>(
  store: WritableStore,
  imports: readonly ImageImport<Job>[],
  how: Importing<Job>,
): Promise<void> {
  if (imports.length === 0) return;
  const total = imports.reduce((sum, { size }) => sum + size, 0);
  const text = `Importing ${imports.length} ${how.what} (${(total / 1e6).toFixed(1)} MB)`;
  await step(store.host.report, 'import', text, async () => {
    const images = await importAll(store, imports, { ...how, total });
    for (const { image } of images) listImage(store, image);
    setRefs(store, images);
  });
}

async function importAll<Job>(
  store: WritableStore,
  imports: readonly ImageImport<Job>[],
  { kind, alone, total }: Importing<Job> & { readonly total: number },
): Promise<{ name: string; image: string }[]> {
  const { host } = store;
  const place = objectPlace(store);
  const [only] = imports;
  if (alone !== undefined && only !== undefined && imports.length === 1)
    return [{ name: only.ref, image: alone(place, only.job) }];
  const crew = startCrew<ObjectPlace, Job, string>(host, kind, place);
  const images: { name: string; image: string }[] = [];
  let done = 0;
  // The large ones first: a large one at the end would keep a single thread busy.
  for (const { ref, size, job } of [...imports].sort((a, b) => b.size - a.size))
    crew.send(job, size + BYTES_EACH, image => {
      images.push({ name: ref, image });
      done += size;
      host.report.emit({ type: 'progress', task: 'import', done, total });
    });
  await crew.finish();
  return images;
}
