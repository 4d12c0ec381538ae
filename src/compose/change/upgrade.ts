import type { Host } from '../../host/index.ts';
import { editSpec, type SpecEdit } from '../spec/index.ts';
import { type KeptPackage, planUpgrade } from './blocked.ts';
import { type ChangeOptions, type ChangeResult, changeSystem, currentOrigin } from './change.ts';

export interface UpgradeOptions
  extends Pick<ChangeOptions, 'verb' | 'commandLine' | 'waitSeconds' | 'metadata'> {
  /** Changes of the spec that are made on the way. */
  readonly edits: readonly SpecEdit[];
  /** Keep packages whose newest version cannot be installed, instead of failing. */
  readonly skipBlocked: boolean;
}

export interface UpgradeResult extends ChangeResult {
  /** Packages that are not at their newest version, and why. */
  readonly kept: readonly KeptPackage[];
  /** The base is not the newest one because of them. */
  readonly keepsBase: boolean;
}

/**
 * Builds the spec of the first deployment from the newest base and the newest packages, and deploys the result. Makes
 * no deployment when there is nothing new.
 */
export async function upgradeSystem(
  host: Host,
  sysroot: string,
  options: UpgradeOptions,
): Promise<UpgradeResult> {
  const { edits, skipBlocked, ...change } = options;
  const { text, file, lock } = editedOrigin(host, sysroot, edits);
  let kept: readonly KeptPackage[] = [];
  let keepsBase = false;
  const result = await changeSystem(host, sysroot, {
    ...change,
    text,
    file,
    lock: { ...lock, packages: [] },
    dryRun: false,
    explain: false,
    deploy: true,
    skipBad: true,
    async plan(context, spec, { metadata }) {
      const planned = await planUpgrade(context, spec, { build: { metadata }, lock, skipBlocked });
      ({ kept, keepsBase } = planned);
      return planned.plan;
    },
  });
  return { ...result, kept, keepsBase };
}

/** The spec of the first deployment with changes, and its lock. */
export function editedOrigin(host: Host, sysroot: string, edits: readonly SpecEdit[]) {
  const { id, specText, lock } = currentOrigin(host, sysroot);
  const file = `${id}/spec.yaml`;
  return { text: editSpec(specText, file, edits).text, file, lock };
}
