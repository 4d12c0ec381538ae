import {
  type BuildContext,
  clampTimes,
  epochOf,
  type Installed,
  imageOf,
  type MetadataPolicy,
  type SourcedImage,
} from '../../layer/index.ts';
import { applyDebconf } from '../apply/index.ts';
import type { Spec } from '../spec/index.ts';
import { installPlanned } from './install.ts';
import type { BuildPlan } from './plan.ts';

/** The base of a plan with the plan's packages, and nothing else of its spec but what packages see while they are installed. */
export async function packagesTree(
  context: BuildContext,
  plan: BuildPlan,
  metadata: MetadataPolicy,
): Promise<Pick<Installed, 'tree' | 'epochSeconds'> & { readonly findings: Installed['notes']['findings'] }> {
  const { install, remove } = plan.resolution;
  const prepared = await withAnswers(context, plan.prepared, plan.spec);
  if (install.length + remove.length === 0)
    return { tree: prepared.tree, epochSeconds: epochOf(prepared.tree, []), findings: [] };
  const { tree, epochSeconds, notes } = await installPlanned(context, { ...plan, prepared }, metadata);
  return { tree, epochSeconds, findings: notes.findings };
}

/** The prepared base with the answers to what packages ask. */
async function withAnswers(
  context: BuildContext,
  prepared: SourcedImage,
  { debconf }: Spec,
): Promise<SourcedImage> {
  const answered = await applyDebconf(context, prepared.tree, debconf);
  if (answered === prepared.tree) return prepared;
  // What debconf wrote is no newer than the base: the newest time of the base is what others are clamped to.
  return { ...prepared, ...imageOf(context, clampTimes(answered, epochOf(prepared.tree, []))) };
}
