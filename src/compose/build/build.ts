import type { Resolution } from '../../apt/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import {
  type AccountIds,
  accountIds,
  type BuildContext,
  describeImageFinding,
  type ImageFinding,
  type MetadataPolicy,
  mergeIds,
} from '../../layer/index.ts';
import { readContent, readImage, setRefs } from '../../store/index.ts';
import type { Lock } from '../lock/index.ts';
import { inputFiles, type Spec } from '../spec/index.ts';
import type { Base } from './base.ts';
import { inputDigest } from './input-digest.ts';
import { keepInputs } from './kept-inputs.ts';
import { buildRef, findBuild } from './key.ts';
import type { BuildPlan } from './plan.ts';
import { knownIds, runBuild } from './run-build.ts';
import { strictnessOf } from './scripts-policy.ts';
import { knownStages, stagesOfPlan, type UsedStage } from './stages.ts';

export interface BuildResult {
  /** Digest of the finished image. */
  readonly image: string;
  readonly base: Base;
  readonly lock: Lock;
  readonly resolution: Resolution;
  /** The same inputs had been built before. */
  readonly cached: boolean;
  readonly stages: readonly UsedStage[];
  /** What was found that the packages do not account for; nothing of a build that was done before. */
  readonly findings: readonly BuildFinding[];
}

/** A path that is not as its package ships it, or that no package has, though no maintainer script names it. */
export interface BuildFinding {
  readonly kind: ImageFinding['kind'];
  readonly path: string;
  /** Info name of the package that ships it; null where none does. */
  readonly package: string | null;
  readonly differs: readonly string[];
  /** Packages whose scripts may have done it. */
  readonly suspects: readonly string[];
  /** One line for people. */
  readonly text: string;
}

/** Builds the image of a plan and keeps it under a ref named by the digest of its inputs. Durable when it returns. */
export async function buildPlanned(
  context: BuildContext,
  plan: BuildPlan,
  metadata: MetadataPolicy,
): Promise<BuildResult> {
  const { store } = context;
  const inputs = digestsOf(context, plan.spec);
  await keepInputs(context, inputs);
  const strictness = strictnessOf(plan.spec);
  const { stages } = stagesOfPlan(context, plan);
  const existing = findBuild(context, { plan, stages, inputs, strictness });
  const image =
    existing === undefined
      ? await runBuild(context, plan, { metadata, reuse: true })
      : {
          digest: existing,
          tree: readImage(store, existing),
          findings: [],
          stages: knownStages(context, stages).used,
        };
  const ids = accountIds(image.tree, file => readContent(store, file));
  const lock = withInputs(withIds(plan.lock, ids), plan, inputs);
  if (existing === undefined)
    // The lock that comes out would give the same image, and so would a spec that is less strict.
    setRefs(
      store,
      [
        ...new Set(
          [plan, { ...plan, lock }].flatMap(one => [
            buildRef({ plan: one, stages, inputs, strictness }),
            buildRef({ plan: one, stages, inputs, strictness: undefined }),
          ]),
        ),
      ]
        .map(name => ({ name, image: image.digest }))
        .concat(image.stages.flatMap(stageRefs)),
    );
  return {
    image: image.digest,
    base: plan.base,
    lock,
    resolution: plan.resolution,
    cached: existing !== undefined,
    stages: image.stages,
    findings: image.findings.filter(({ severity }) => severity === 'warning').map(findingOf),
  };
}

/** A stage that was not refused is that of a spec that refuses nothing, too. */
function stageRefs({ ref, lenientRef, image, warned }: UsedStage): { name: string; image: string }[] {
  if (warned === undefined || image === undefined) return [];
  return [...new Set([ref, lenientRef])].map(name => ({ name, image }));
}

function findingOf(finding: ImageFinding): BuildFinding {
  const { kind, path, package: shipper, differs, suspects } = finding;
  const text = describeImageFinding(finding);
  return { kind, path: toText(path), package: shipper ?? null, differs, suspects, text };
}

/** A lock that also has the accounts of the image that was built from it. Those that are gone keep their numbers. */
function withIds(lock: Lock, ids: AccountIds): Lock {
  const { users, groups } = mergeIds(ids, knownIds(lock));
  return { ...lock, users, groups };
}

/** A lock that names what the spec reads, so that it is kept. */
function withInputs(
  { inputs: _, ...lock }: Lock,
  { originOf }: BuildPlan,
  digests: ReadonlyMap<string, string>,
): Lock {
  if (digests.size === 0) return lock;
  return {
    ...lock,
    inputs: Object.fromEntries([...digests].map(([path, digest]) => [originOf(path), digest])),
  };
}

/** The digest of each file and directory that a spec reads, by path. */
function digestsOf(context: BuildContext, spec: Spec): Map<string, string> {
  return new Map(inputFiles(spec).map(path => [path, inputDigest(context.host.sys, path)]));
}
