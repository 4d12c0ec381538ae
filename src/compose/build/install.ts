import {
  type AssemblyPackage,
  archivePath,
  type BuildContext,
  fetchLocked,
  fetchPackages,
  type InstallOptions,
  importedPackages,
  type MetadataPolicy,
} from '../../layer/index.ts';
import { installedBytesOf } from './base-packages.ts';
import { filePolicies, withNamedPolicies } from './file-policies.ts';
import type { BuildPlan } from './plan.ts';
import { networkTest } from './scripts-network.ts';
import { judgeScripts, modeOf } from './scripts-policy.ts';
import type { Stage } from './stage-plan.ts';
import { warnOfVarFiles } from './var-files.ts';
import { wantedPackages } from './wanted.ts';

/** What of a plan is installed. */
interface InstallScope {
  readonly metadata: MetadataPolicy;
  /** Default: all stages. */
  readonly stages?: readonly Pick<Stage, 'packages' | 'remove'>[];
}

/** The packages of a plan as the store has them; those that it does not have yet are fetched and imported. */
export function plannedPackages(
  context: BuildContext,
  plan: BuildPlan,
  scope: InstallScope,
): Promise<AssemblyPackage[]> {
  const { install, fetch } = installOptions(context, plan, scope);
  return importedPackages(
    context,
    install.map(one => one.deb),
    fetch,
  );
}

/** How the packages of stages are installed: as automatic ones. */
export function installOptions(
  context: BuildContext,
  plan: BuildPlan,
  { metadata, stages = [wholeOf(plan)] }: InstallScope,
): InstallOptions {
  const { request, resolution, prepared } = plan;
  const spec = withNamedPolicies(plan);
  const hasNetwork = networkTest(plan.lock);
  const packages = stages.flatMap(one => one.packages);
  const isWhole = packages.length === plan.lock.packages.length;
  return {
    inspect(imported) {
      judgeScripts(context, spec, imported, hasNetwork);
      warnOfVarFiles(context, imported);
    },
    hasNetwork,
    policies: filePolicies(spec),
    modeOf: one => modeOf(spec, one),
    install: wantedPackages(context, { packages, request, resolution }),
    remove: stages.flatMap(one => one.remove),
    installedBytes: isWhole ? resolution.installedBytes : installedBytesOf(packages),
    async fetch(debs) {
      const paths = new Set(debs.map(deb => deb.path));
      const wanted = resolution.install.filter(entry => paths.has(archivePath(context, request, entry)));
      const { offline } = metadata;
      const [known, fresh] = [true, false].map(isKnown =>
        wanted.filter(one => plan.isLocked(one) === isKnown),
      );
      if (known!.length > 0) await fetchLocked(context, prepared, { packages: known!, offline });
      if (fresh!.length > 0) await fetchPackages(context, prepared, { packages: fresh!, offline });
    },
  };
}

function wholeOf({ lock, resolution }: BuildPlan): Pick<Stage, 'packages' | 'remove'> {
  return { packages: lock.packages, remove: resolution.remove };
}
