import type { Tree } from '../../formats/tree/index.ts';
import {
  type BuildContext,
  type BuiltImage,
  epochOf,
  type Installed,
  type InstallOptions,
  imageOf,
  installPackages,
  strippedTree,
} from '../../layer/index.ts';
import { withArchitectures } from '../apply/index.ts';
import { withAnswers } from './answers.ts';
import type { Stage } from './stage-plan.ts';

/**
 * The tree of a stage: what was there before it with its packages, and nothing else of a spec but what packages see while they are installed. It
 * has no secrets, no identity, nothing volatile, and no time later than the newest that came with it. All packages are recorded as automatic:
 * which of them were asked for is said after the last stage.
 */
export async function stageTree(
  context: BuildContext,
  before: BuiltImage,
  { stage, options }: { readonly stage: Stage; readonly options: InstallOptions },
): Promise<{ readonly tree: Tree; readonly findings: Installed['notes']['findings'] }> {
  const open = withArchitectures(context, before.tree, stage.architectures);
  const answered = await withAnswers(context, open, stage.answers);
  const image = answered === before.tree ? before : imageOf(context, answered);
  const { tree, notes, epochSeconds } = await installPackages(context, image, options);
  return { tree: strippedTree(context, tree, epochSeconds), findings: notes.findings };
}

/** The newest time in a stage: its files are no newer, and what is made of it later is not either. */
export function stageEpoch(tree: Tree): number {
  return epochOf(tree, []);
}
