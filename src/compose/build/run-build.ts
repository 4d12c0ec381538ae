import type { Tree } from '../../formats/tree/index.ts';
import {
  type AccountIds,
  assertModulesBuilt,
  type BuildContext,
  type BuiltImage,
  finishTree,
  imageOf,
  type MetadataPolicy,
  withInitramfs,
  withoutSecrets,
} from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import { readContent } from '../../store/index.ts';
import {
  applyAccounts,
  applyScripts,
  applyServices,
  placeFiles,
  withHolds,
  withInitramfsSettings,
} from '../apply/index.ts';
import type { Lock } from '../lock/index.ts';
import type { Spec } from '../spec/index.ts';
import { type PackagesTree, packagesTree } from './packages-tree.ts';
import type { BuildPlan } from './plan.ts';

/**
 * Builds the image of a plan, whether or not it was built before. Nothing refers to it yet. With `reuse` an initramfs may
 * and the first stages come from an earlier build.
 */
export async function runBuild(
  context: BuildContext,
  plan: BuildPlan,
  options: { readonly metadata: MetadataPolicy; readonly reuse: boolean },
): Promise<BuiltImage & Pick<PackagesTree, 'findings' | 'stages'>> {
  const { reuse } = options;
  const { tree, epochSeconds, findings, stages } = await packagesTree(context, plan, options);
  const configured = await applySystem(context, tree, plan.spec);
  assertModulesBuilt(configured, file => readContent(context.store, file), context.logPath);
  const initialised = await withInitramfs(context, withoutSecrets(context, configured), { reuse });
  const finished = finishTree(context, initialised, { epochSeconds, ids: knownIds(plan.lock) });
  const image = await step(context.host.report, 'write-image', 'Writing the image', () =>
    imageOf(context, finished),
  );
  return { ...image, findings, stages };
}

/** The numbers of accounts that an image has to keep to, in one order. */
export function knownIds({ users = {}, groups = {} }: Pick<Lock, 'users' | 'groups'>): AccountIds {
  const sorted = (ids: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(ids).sort());
  return { users: sorted(users), groups: sorted(groups) };
}

/** The tree with everything of a spec that is neither package nor policy, in the order in which it may build on each other. */
async function applySystem(context: BuildContext, tree: Tree, spec: Spec): Promise<Tree> {
  const populated = await applyAccounts(context, tree, spec);
  const placed = placeFiles(context, populated, spec.files);
  const served = await applyServices(context, placed, spec.services);
  const scripted = await applyScripts(context, served, spec.scripts);
  return withInitramfsSettings(context, withHolds(context, scripted, spec.holds), spec.initramfs);
}
