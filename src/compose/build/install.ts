import {
  type AssemblyPackage,
  archivePath,
  type BuildContext,
  describeReason,
  fetchLocked,
  fetchPackages,
  type Installed,
  type InstallOptions,
  importedPackages,
  installPackages,
  type MetadataPolicy,
  planInstallation,
} from '../../layer/index.ts';
import { lockedAt } from '../lock/index.ts';
import type { Spec } from '../spec/index.ts';
import { filePolicies } from './file-policies.ts';
import type { BuildPlan } from './plan.ts';
import { networkTest } from './scripts-network.ts';
import { judgeScripts, modeOf } from './scripts-policy.ts';
import { warnOfVarFiles } from './var-files.ts';
import { wantedPackages } from './wanted.ts';

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

/** The base of a plan with the plan's packages. */
export function installPlanned(
  context: BuildContext,
  plan: BuildPlan,
  metadata: MetadataPolicy,
): Promise<Installed> {
  return installPackages(context, plan.prepared, installOptions(context, plan, metadata));
}

/** The packages of a plan as the store has them; those that it does not have yet are fetched and imported. */
export function plannedPackages(
  context: BuildContext,
  plan: BuildPlan,
  metadata: MetadataPolicy,
): Promise<AssemblyPackage[]> {
  const { install, fetch } = installOptions(context, plan, metadata);
  return importedPackages(
    context,
    install.map(one => one.deb),
    fetch,
  );
}

/** Which way each package of a plan would go. Fetches and imports those that the store does not have yet. */
export async function packageRoutes(
  context: BuildContext,
  plan: BuildPlan,
  metadata: MetadataPolicy,
): Promise<PackageRoute[]> {
  const options = installOptions(context, plan, metadata);
  const { packages, steps } = await planInstallation(context, plan.prepared, options);
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

function installOptions(context: BuildContext, plan: BuildPlan, metadata: MetadataPolicy): InstallOptions {
  const { request, resolution, prepared } = plan;
  const { remove, installedBytes } = resolution;
  const spec = withNamedPolicies(plan);
  const hasNetwork = networkTest(plan.lock);
  return {
    inspect(packages) {
      judgeScripts(context, spec, packages, hasNetwork);
      warnOfVarFiles(context, packages);
    },
    hasNetwork,
    policies: filePolicies(spec),
    modeOf: one => modeOf(spec, one),
    install: wantedPackages(context, plan),
    remove,
    installedBytes,
    async fetch(debs) {
      const paths = new Set(debs.map(deb => deb.path));
      const packages = resolution.install.filter(entry => paths.has(archivePath(context, request, entry)));
      const { offline } = metadata;
      const fetched = plan.isLocked ? fetchLocked : fetchPackages;
      await fetched(context, prepared, { packages, offline });
    },
  };
}

/** The spec with policies of files under the names of their packages. */
function withNamedPolicies({ spec, lock, originOf }: BuildPlan): Spec {
  const names = new Map(
    spec.layers.flatMap(request => {
      const found = request.kind === 'file' ? lockedAt(lock, originOf(request.path)) : undefined;
      return request.kind === 'file' && found !== undefined ? [[request.path, found.name] as const] : [];
    }),
  );
  return {
    ...spec,
    layerPolicies: spec.layerPolicies.map(one => ({
      ...one,
      package: names.get(one.package) ?? one.package,
    })),
  };
}
