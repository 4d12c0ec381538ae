import type { RegularFile, Tree } from '../../formats/tree/index.ts';
import { lastingWarning, log, warn } from '../../report/index.ts';
import { putObject, readContent } from '../../store/index.ts';
import {
  type AssemblyPackage,
  dpkgRecords,
  mergePackages,
  type RecordOptions,
  readDpkgDatabase,
} from '../assemble/index.ts';
import type { BuildContext } from '../context.ts';
import { DPKG_POLICIES } from '../metadata-policy/index.ts';
import { assertAssembled, validateAssembled } from '../validate/index.ts';
import type { Installation } from './installation.ts';
import { noteConflicts } from './notes.ts';

/**
 * The tree with packages that were never there merged into it, and dpkg's records of them: unpacked, to be configured. It has
 * every path that they ship, as they ship it.
 */
export function assemble(
  context: BuildContext,
  tree: Tree,
  options: { packages: readonly AssemblyPackage[]; installation: Installation },
): Tree {
  const { host, store } = context;
  const { packages, installation } = options;
  const started = performance.now();
  const read = (file: RegularFile) => readContent(store, file);
  const database = readDpkgDatabase(tree, read);
  const merged = mergePackages(tree, packages, database, {
    policies: installation.policies ?? DPKG_POLICIES,
  });
  noteConflicts(host.report, installation.notes, merged.settled);
  warn(host.report, context.warnings, {
    all: merged.overwritten.map(({ path, by, of }) => ({
      ...lastingWarning(['overwritten', path, by, of], `${path} of ${of} was overwritten by ${by}`),
      fields: { path, by, of },
    })),
  });
  const result = dpkgRecords(merged.tree, packages, {
    ...recordOptions(context, installation),
    database,
    dropped: merged.dropped,
  });
  const settled = new Set(merged.settled.map(({ path }) => path));
  assertAssembled(validateAssembled(result, { before: tree, packages, settled, read, database }));
  const ms = Math.round(performance.now() - started);
  log(host.report, 'debug', `assembled ${packages.length} packages in ${ms} ms`);
  return result;
}

/** How records are written, whoever unpacks. */
export function recordOptions(
  { store }: BuildContext,
  installation: Installation,
): Omit<RecordOptions, 'database' | 'dropped'> {
  return {
    automatic: installation.automatic,
    nativeArchitecture: installation.architecture,
    mtime: installation.epochSeconds,
    read: (file: RegularFile) => readContent(store, file),
    put: bytes => putObject(store, bytes),
  };
}
