import type { ByteString } from '../../formats/bytes/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import {
  type AssemblyPackage,
  type DpkgDatabase,
  type ReadFile,
  readDpkgDatabase,
} from '../assemble/index.ts';
import { readExclusions } from './excluded.ts';
import type { ImageFinding } from './finding.ts';
import { scriptOwners } from './scripts.ts';
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
}

/**
 * Compares a layered tree, before it is finished, with what it was made of: every path of the packages has to be there as it
 * was shipped, at its diverted name where it is diverted, with the owner and mode of an override; configuration files may be
 * others; nothing else may have appeared but what known generators make. An error is a shipped path outside the machine's state
 * that is gone or changed, and that no maintainer script speaks of. Its cost follows what was layered.
 */
export function validateImage(tree: Tree, sources: ImageSources): ImageFinding[] {
  const { before, packages, settled, read } = sources;
  const after = readDpkgDatabase(tree, read);
  let database: DpkgDatabase | undefined;
  const databaseBefore = () => {
    database ??= readDpkgDatabase(before, read);
    return database;
  };
  const scriptOwner = scriptOwners(packages);
  let excluded: ((path: ByteString) => boolean) | undefined;
  const isExcluded = (path: ByteString) => {
    excluded ??= readExclusions(before, read);
    return excluded(path);
  };
  const { findings, claims } = checkShipped({
    before,
    after: tree,
    packages,
    database: after,
    settled,
    isExcluded,
    scriptOwner,
  });
  return [
    ...findings,
    ...findUnaccounted({
      before,
      after: tree,
      claims,
      databases: { before: databaseBefore, after },
      scriptOwner,
    }),
  ];
}
