import type { Sysroot } from '../../transaction/index.ts';
import type { SpecEdit } from '../spec/index.ts';
import { type KeptPackage, planUpgrade } from './blocked.ts';
import { type ChangeOptions, type ChangeResult, inChange, runChange } from './change.ts';
import { currentDeployment, editOrigin } from './origin.ts';

export interface UpgradeOptions
  extends Pick<ChangeOptions, 'verb' | 'commandLine' | 'waitSeconds' | 'metadata' | 'renumberAccounts'> {
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
export async function upgradeSystem(at: Sysroot, options: UpgradeOptions): Promise<UpgradeResult> {
  const { edits, skipBlocked, ...change } = options;
  const fixed = { dryRun: false, explain: false, deploy: true, skipBad: true } as const;
  currentDeployment(at);
  let kept: readonly KeptPackage[] = [];
  let keepsBase = false;
  const result = await inChange(at, { ...change, ...fixed }, transaction => {
    const { origin, text, file } = editOrigin(transaction, edits);
    const { lock } = origin;
    return runChange(transaction, {
      ...change,
      ...fixed,
      ...{ text, file, lock: { ...lock, packages: [] } },
      async plan(context, spec, { metadata }) {
        const planned = await planUpgrade(context, spec, { build: { metadata }, lock, skipBlocked });
        ({ kept, keepsBase } = planned);
        return planned.plan;
      },
    });
  });
  return { ...result, kept, keepsBase };
}
