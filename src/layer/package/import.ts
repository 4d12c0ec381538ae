import { step } from '../../report/index.ts';
import {
  findRef,
  listImage,
  type ObjectPlace,
  objectPlace,
  setRefs,
  type WritableStore,
} from '../../store/index.ts';
import { startCrew } from '../../threads/index.ts';
import { type ImportJob, importOne } from './import-one.ts';
import { PACKAGE } from './worker.ts';

/** A .deb file and what it is expected to be. */
export interface DebFile {
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Bytes; decides how the work is shared out. */
  readonly size: number;
}

export interface ImportOptions {
  /** Imports also what is there, and replaces what of it is damaged. */
  readonly repair?: boolean;
}

/** The ref that keeps a package's image. */
export function packageRef(sha256: string): string {
  return `deb/${sha256}`;
}

export function isImported(store: WritableStore, sha256: string): boolean {
  return findRef(store, packageRef(sha256)) !== undefined;
}

/**
 * Imports those of `debs` that are not in the store, several at a time. Their refs are set in one go at the end,
 * durably: an interrupted import leaves nothing visible. Errors as from `importOne`; then none is imported.
 */
export async function importPackages(
  store: WritableStore,
  debs: readonly DebFile[],
  options: ImportOptions = {},
): Promise<void> {
  const { repair = false } = options;
  const wanted = unique(debs).filter(deb => repair || !isImported(store, deb.sha256));
  if (wanted.length === 0) return;
  const total = wanted.reduce((sum, deb) => sum + deb.size, 0);
  const text = `Importing ${wanted.length} packages (${(total / 1e6).toFixed(1)} MB)`;
  await step(store.host.report, 'import', text, async () => {
    const images = await importAll(store, wanted, { repair, total });
    for (const image of images.values()) listImage(store, image);
    setRefs(
      store,
      [...images].map(([sha256, image]) => ({ name: packageRef(sha256), image })),
    );
  });
}

function unique(debs: readonly DebFile[]): DebFile[] {
  return [...new Map(debs.map(deb => [deb.sha256, deb])).values()];
}

async function importAll(
  store: WritableStore,
  debs: readonly DebFile[],
  options: { repair: boolean; total: number },
): Promise<Map<string, string>> {
  const { repair, total } = options;
  const { host } = store;
  const images = new Map<string, string>();
  const jobOf = ({ path, sha256 }: DebFile): ImportJob => ({ path, sha256, repair });
  const [only] = debs;
  if (only !== undefined && debs.length === 1)
    return images.set(only.sha256, importOne(host.sys, objectPlace(store), jobOf(only)));
  const crew = startCrew<ObjectPlace, ImportJob, string>(host, PACKAGE, objectPlace(store));
  let done = 0;
  // The large ones first: a large one at the end would keep a single thread busy.
  for (const deb of [...debs].sort((a, b) => b.size - a.size))
    crew.send(jobOf(deb), deb.size + BYTES_PER_PACKAGE, image => {
      images.set(deb.sha256, image);
      done += deb.size;
      host.report.emit({ type: 'progress', task: 'import', done, total });
    });
  await crew.finish();
  return images;
}

/** What a package costs besides its bytes, in bytes that take as long. */
const BYTES_PER_PACKAGE = 65_536;
