import type { Tree } from '../../formats/tree/index.ts';
import { type BuildContext, clampTimes, epochOf } from '../../layer/index.ts';
import { applyDebconf } from '../apply/index.ts';
import { type LockedPackage, stageOf } from '../lock/index.ts';
import type { DebconfAnswer } from '../spec/index.ts';

/**
 * The stage from which on an answer is there: that of its package. One that packages may share is there from the first stage on, and so is one of a
 * package of the base. What nobody can ask yet has none: it comes after the last stage.
 */
export function stageOfAnswer(
  { package: owner, question }: DebconfAnswer,
  { packages, isInBase }: { packages: readonly LockedPackage[]; isInBase: (name: string) => boolean },
): number | undefined {
  if (isInBase(owner) || !question.startsWith(`${owner}/`)) return 1;
  const stages = packages.filter(one => one.name === owner).map(stageOf);
  return stages.length === 0 ? undefined : Math.min(...stages);
}

/** The tree with answers to what packages ask. What debconf wrote is no newer than the tree: its newest time is what others are clamped to. */
export async function withAnswers(
  context: BuildContext,
  tree: Tree,
  answers: readonly DebconfAnswer[],
): Promise<Tree> {
  const answered = await applyDebconf(context, tree, answers);
  return answered === tree ? tree : clampTimes(answered, epochOf(tree, []));
}
