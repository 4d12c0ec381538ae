import type { RegularFile, Tree } from '../formats/tree/index.ts';
import { readContent } from '../store/index.ts';
import {
  type AssemblyPackage,
  type Need,
  neededLater as neededOf,
  readDpkgDatabase,
} from './assemble/index.ts';
import type { BuildContext } from './context.ts';

/** What packages need to be configured in a system, and only `later` ones give. */
export function neededLater(
  { store }: BuildContext,
  before: Tree,
  { packages, later }: Readonly<Record<'packages' | 'later', readonly AssemblyPackage[]>>,
): Need[] {
  const database = readDpkgDatabase(before, (file: RegularFile) => readContent(store, file));
  return neededOf(database, packages, later);
}
