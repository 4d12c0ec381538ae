import type { Tree } from '../../formats/tree/index.ts';
import {
  type BuildContext,
  type BuiltImage,
  type ImageFinding,
  imageOf,
  type MetadataPolicy,
} from '../../layer/index.ts';
import { log, step } from '../../report/index.ts';
import { findRef, readImage } from '../../store/index.ts';
import { withNamedPolicies } from './file-policies.ts';
import { installOptions, plannedPackages } from './install.ts';
import { assertNoLaterNeeded } from './later-stage.ts';
import { stageTree } from './one-stage.ts';
import type { BuildPlan } from './plan.ts';
import { plainBase } from './prepared.ts';
import { planStages, type Stage, type Stages } from './stage-plan.ts';

/** A stage that a build used. */
export interface UsedStage extends Pick<Stage, 'ref' | 'lenientRef' | 'packages'> {
  /** Digest of the image of its tree; undefined where the store only has a later one. */
  readonly image: string | undefined;
  /** Keys of what building it warned of; undefined for one that was there. */
  readonly warned: readonly string[] | undefined;
}

export interface StagedTree extends Pick<Stages, 'waiting'> {
  /** The base with all packages; without them as they are after the base where there is no stage. */
  readonly tree: Tree;
  readonly stages: readonly UsedStage[];
  /** What was found in the stages that were built. */
  readonly findings: readonly ImageFinding[];
}

/**
 * Installs the packages of a plan stage by stage. With `reuse` it starts from the last stage that the store has. Nothing refers to the images of
 * new stages yet.
 */
export async function buildStages(
  context: BuildContext,
  plan: BuildPlan,
  { metadata, reuse }: { readonly metadata: MetadataPolicy; readonly reuse: boolean },
): Promise<StagedTree> {
  const { stages, waiting } = stagesOfPlan(context, plan);
  const known = reuse ? knownStages(context, stages) : { count: 0, used: [] };
  const used: UsedStage[] = [...known.used];
  const findings: ImageFinding[] = [];
  let image = lastImage(context, known.used) ?? plainBase(context, plan.base);
  for (const [index, stage] of stages.entries()) {
    if (index < known.count) continue;
    const number = index + 1;
    const before = image;
    const said = new Set(context.warnings?.found.keys());
    const built = await numbered(context, { number, count: stages.length }, async () => {
      if (number < stages.length) {
        const packages = await plannedPackages(context, plan, { metadata, stages: [stage] });
        const later = await plannedPackages(context, plan, { metadata, stages: stages.slice(number) });
        assertNoLaterNeeded(context, before.tree, { packages, later, number });
      }
      return stageTree(context, before, {
        stage,
        options: installOptions(context, plan, { metadata, stages: [stage] }),
      });
    });
    image = imageOf(context, built.tree);
    findings.push(...built.findings);
    const warned = [...(context.warnings?.found.keys() ?? [])].filter(key => !said.has(key));
    used.push({ ...stage, image: image.digest, warned });
  }
  return { tree: image.tree, stages: used, findings, waiting };
}

/** The stages of a plan, with their keys. */
export function stagesOfPlan(context: BuildContext, plan: BuildPlan): Stages {
  return planStages(context, { ...plan, spec: withNamedPolicies(plan) });
}

/** One stage is what there is without the word. */
function numbered<T>(
  { host }: BuildContext,
  { number, count }: { number: number; count: number },
  action: () => Promise<T>,
): Promise<T> {
  if (count === 1) return action();
  return step(host.report, 'stage', `Installing stage ${number} of ${count}`, action);
}

/** The tree of the last of these stages. */
export function lastImage({ store }: BuildContext, used: readonly UsedStage[]): BuiltImage | undefined {
  const digest = used.at(-1)?.image;
  return digest === undefined ? undefined : { digest, tree: readImage(store, digest) };
}

/** The stages that the store has, and how many of them need not be built: what is before the last one is in it. */
export function knownStages(
  { store, host }: Pick<BuildContext, 'store' | 'host'>,
  stages: readonly Stage[],
): { readonly count: number; readonly used: readonly UsedStage[] } {
  const found = stages.map(stage => ({ ...stage, image: findRef(store, stage.ref) }));
  const count = 1 + found.findLastIndex(one => one.image !== undefined);
  if (count > 0) log(host.report, 'debug', `${count} of ${stages.length} stages are there`);
  const used = found.slice(0, count).map(stage => ({ ...stage, warned: undefined }));
  return { count, used };
}
