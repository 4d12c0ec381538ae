import type { Tree } from '../../formats/tree/index.ts';
import type { BuildContext, MetadataPolicy } from '../../layer/index.ts';
import { withAnswers } from './answers.ts';
import { withMarks } from './marks.ts';
import { stageEpoch } from './one-stage.ts';
import type { BuildPlan } from './plan.ts';
import { withAptSettings } from './prepared.ts';
import { buildStages, type StagedTree } from './stages.ts';

export interface PackagesTree extends Pick<StagedTree, 'stages' | 'findings'> {
  readonly tree: Tree;
  /** The newest time that came with the base or the packages: what is newer was made by installing. */
  readonly epochSeconds: number;
}

/**
 * The base of a plan with the plan's packages, and what of its spec apt and dpkg read: no stage has that, so that a change of it makes none anew.
 */
export async function packagesTree(
  context: BuildContext,
  plan: BuildPlan,
  options: { readonly metadata: MetadataPolicy; readonly reuse: boolean },
): Promise<PackagesTree> {
  const { tree, waiting, stages, findings } = await buildStages(context, plan, options);
  return {
    tree: await settledTree(context, plan, { tree, waiting }),
    epochSeconds: stageEpoch(tree),
    stages,
    findings,
  };
}

/** A tree of packages with what comes before everything else that a spec says. */
async function settledTree(
  context: BuildContext,
  { spec, lock, base }: BuildPlan,
  { tree, waiting }: Pick<StagedTree, 'tree' | 'waiting'>,
): Promise<Tree> {
  const answered = await withAnswers(context, tree, waiting);
  return withMarks(context, withAptSettings(context, answered, spec), { lock, base });
}
