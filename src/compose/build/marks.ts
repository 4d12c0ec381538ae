import { installedIn } from '../../deployment/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { type BuildContext, withAutomatic } from '../../layer/index.ts';
import { type Lock, lockedKey } from '../lock/index.ts';
import type { Base } from './base.ts';

/** The tree with apt's record of which packages were not asked for: those of the base as the base has it, all others as the lock does. */
export function withMarks(
  context: BuildContext,
  tree: Tree,
  { lock, base }: { readonly lock: Pick<Lock, 'packages'>; readonly base: Pick<Base, 'tree'> },
): Tree {
  const inBase = installedIn(context.store, base.tree);
  const own = lock.packages.filter(one => !inBase.has(lockedKey(one)));
  return withAutomatic(context, tree, own);
}
