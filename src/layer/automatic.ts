import type { Tree } from '../formats/tree/index.ts';
import { putObject, readContent } from '../store/index.ts';
import { markedAutomatic } from './assemble/index.ts';
import type { BuildContext } from './context.ts';

/** A package and whether it was asked for. */
export interface MarkedPackage {
  readonly name: string;
  readonly architecture: string;
  readonly requested: boolean;
}

/** The tree with apt's record of these packages: automatic are those that were not asked for. The others are recorded as before. */
export function withAutomatic(
  { host, store }: BuildContext,
  tree: Tree,
  packages: readonly MarkedPackage[],
): Tree {
  return markedAutomatic(tree, packages, {
    nativeArchitecture: host.architecture,
    read: file => readContent(store, file),
    put: bytes => putObject(store, bytes),
  });
}
