import type { ByteString } from '../../formats/bytes/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import {
  type AssemblyPackage,
  type DpkgDatabase,
  type Exclusion,
  type ReadFile,
  readDpkgDatabase,
} from '../assemble/index.ts';
import type { ImageFinding } from './finding.ts';
import { searchScripts } from './scripts.ts';
import type { ModeOf } from './severity.ts';
import { checkShipped } from './shipped.ts';
import { findUnaccounted } from './unaccounted.ts';

/** What a layered tree was made of. */
export interface ImageSources {
  /** The tree that packages were layered on. */
  readonly before: Tree;
  /** With the permissions that their policies let them have. */
  readonly packages: readonly AssemblyPackage[];
  /** Paths of packages that a policy kept out, or gave to others. */
  readonly settled: ReadonlySet<ByteString>;
  readonly read: ReadFile;
  /** Default: all are strict. */
  readonly modeOf?: ModeOf;
}

/**
 * Compares a layered tree, before it is finished, with what it was made of: every path of the packages has to be there as it
 * was shipped, at its diverted name where it is diverted, with the owner and mode of an override; configuration files may be
 * others; nothing else may have appeared but what known generators make. A path of a package outside the machine's state that is gone
 * or changed, and that no maintainer script speaks of, is an error, a warning or nothing as the mode of those is that may have
 * done it. Its cost follows what was layered.
 */
export function validateImage(tree: Tree, sources: ImageSources): ImageFinding[] {
  const { before, packages, settled, read, modeOf = () => 'strict' } = sources;
  const after = readDpkgDatabase(tree, read);
  let database: DpkgDatabase | undefined;
  const databaseBefore = () => {
    database ??= readDpkgDatabase(before, read);
    return database;
  };
  const scripts = searchScripts(packages);
  // A package of one step may bring the configuration that counts in the next one.
  const isExcluded: Exclusion = (path, kind) =>
    [after, databaseBefore()].some(database => database.isExcluded?.(path, kind) === true);
  const { findings, claims } = checkShipped({
    before,
    after: tree,
    packages,
    database: after,
    settled,
    isExcluded,
    scripts,
    modeOf,
  });
  return [
    ...findings,
    ...findUnaccounted({
      before,
      after: tree,
      claims,
      databases: { before: databaseBefore, after },
      scripts,
      modeOf,
    }),
  ];
}

/**
 * The same for a tree that packages were just merged into, before any of their files could be changed: nothing may be missing or
 * changed at all. Configuration files have their names from before dpkg configures. `database` is of `before`.
 */
export function validateAssembled(
  tree: Tree,
  sources: Omit<ImageSources, 'modeOf'> & { readonly database: DpkgDatabase },
): ImageFinding[] {
  const { before, packages, settled, read, database } = sources;
  let after: DpkgDatabase | undefined;
  const owners: DpkgDatabase['owners'] = path => {
    after ??= readDpkgDatabase(tree, read);
    return after.owners(path);
  };
  const { findings } = checkShipped({
    before,
    after: tree,
    packages,
    database: { ...database, owners },
    settled,
    isExcluded: (path, kind) => database.isExcluded?.(path, kind) === true,
    scripts: searchScripts([]),
    modeOf: () => 'strict',
    conffileSuffix: '.dpkg-new',
  });
  return findings;
}
