import type { InstalledPackage } from '../../apt/index.ts';
import { installedIn } from '../../deployment/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { afterInstallation } from '../packages/index.ts';
import type { BuildPlan } from './plan.ts';

/** The packages that the system of a plan will have, by `NAME:ARCH`. */
export function packagesAfter(
  { store }: BuildContext,
  { base, resolution }: BuildPlan,
): Map<string, InstalledPackage> {
  const newer = base.newer?.map(one => [`${one.name}:${one.architecture}`, one] as const);
  return afterInstallation(newer === undefined ? installedIn(store, base.tree) : new Map(newer), resolution);
}
