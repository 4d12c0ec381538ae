import { CODE, codeName } from '../../code/index.ts';
import { findRef, importImages, type WritableStore } from '../../store/index.ts';
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

/** The ref that keeps a package's image, as the code at hand makes it. */
export function packageRef(sha256: string): string {
  return `deb/${sha256}-${codeName(CODE.package)}`;
}

export function isImported(store: WritableStore, sha256: string): boolean {
  return findRef(store, packageRef(sha256)) !== undefined;
}

/**
 * Imports those of `debs` that are not in the store, as `importImages` does. Errors as from `importOne`; then none is imported.
 */
export async function importPackages(
  store: WritableStore,
  debs: readonly DebFile[],
  options: ImportOptions = {},
): Promise<void> {
  const { repair = false } = options;
  const wanted = unique(debs).filter(deb => repair || !isImported(store, deb.sha256));
  const imports = wanted.map(({ path, sha256, size }) => ({
    ref: packageRef(sha256),
    size,
    job: { path, sha256, repair },
  }));
  await importImages<ImportJob>(store, imports, {
    kind: PACKAGE,
    what: 'packages',
    alone: (place, job) => importOne(store.host.sys, place, job),
  });
}

function unique(debs: readonly DebFile[]): DebFile[] {
  return [...new Map(debs.map(deb => [deb.sha256, deb])).values()];
}
