import { AptLayerError } from '../../errors/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { type AssemblyPackage, type BuildContext, neededLater } from '../../layer/index.ts';

const LISTED_MAX = 20;

/** CONFIG_INVALID for packages of a stage that need what is only in a later one. `before`: the system without them. */
export function assertNoLaterNeeded(
  context: BuildContext,
  before: Tree,
  {
    packages,
    later,
    number,
  }: Readonly<Record<'packages' | 'later', readonly AssemblyPackage[]>> & { number: number },
): void {
  const found = neededLater(context, before, { packages, later });
  if (found.length === 0) return;
  const lines = found
    .slice(0, LISTED_MAX)
    .map(one => `${one.package} of stage ${number} needs ${one.needs}, which is only in a later stage`);
  if (found.length > LISTED_MAX) lines.push(`and ${found.length - LISTED_MAX} more`);
  throw new AptLayerError('CONFIG_INVALID', `the lock cannot be built:\n${lines.join('\n')}`, {
    hint: 'write a new lock with `apt-layer compose lock`',
    details: { needed: found },
  });
}
