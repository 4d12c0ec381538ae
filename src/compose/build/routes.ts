import {
  type BuildContext,
  describeReason,
  type MetadataPolicy,
  planInstallation,
} from '../../layer/index.ts';
import { installOptions } from './install.ts';
import type { BuildPlan } from './plan.ts';
import { knownStages, lastImage, stagesOfPlan } from './stages.ts';

/** How one package gets into an image. */
export interface PackageRoute {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** `native`: assembled from the store. `dpkg`: dpkg unpacks it. */
  readonly route: 'native' | 'dpkg';
  /** Why dpkg; empty for `native`. */
  readonly reasons: readonly string[];
  /** Its preinst: `no-op` when it certainly does nothing for a package that was never there. */
  readonly preinst: 'none' | 'no-op' | 'run';
  /** From 1; packages of a step are configured before those of the next one are unpacked. */
  readonly step: number;
}

/**
 * Which way each package would go that no stage of the store has. Fetches and imports those that the store does not have yet.
 */
export async function packageRoutes(
  context: BuildContext,
  plan: BuildPlan,
  metadata: MetadataPolicy,
): Promise<PackageRoute[]> {
  const { stages } = stagesOfPlan(context, plan);
  const { count, used } = knownStages(context, stages);
  const options = installOptions(context, plan, { metadata, stages: stages.slice(count) });
  const image = lastImage(context, used) ?? plan.prepared;
  const { packages, steps } = await planInstallation(context, image, options);
  return packages.map(({ package: one, route, reasons, preinst }) => ({
    name: one.name,
    version: one.version,
    architecture: one.architecture,
    route,
    reasons: reasons.map(describeReason),
    preinst,
    step: 1 + steps.findIndex(step => step.packages.includes(one)),
  }));
}
