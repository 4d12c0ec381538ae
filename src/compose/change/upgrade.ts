import { readStagesKept } from '../../configuration/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { stageCount, withStagesOf } from '../lock/index.ts';
import type { SpecEdit } from '../spec/index.ts';
import { type KeptPackage, planUpgrade } from './blocked.ts';
import { type ChangeOptions, type ChangeResult, inChange, runChange } from './change.ts';
import { currentDeployment, editOrigin } from './origin.ts';

export interface UpgradeOptions
  extends Pick<
    ChangeOptions,
    'verb' | 'commandLine' | 'waitSeconds' | 'metadata' | 'renumberAccounts' | 'fresh' | 'forcePolicy'
  > {
  /** Changes of the spec that are made on the way. */
  readonly edits: readonly SpecEdit[];
  /** Keep packages whose newest version cannot be installed, instead of failing. */
  readonly skipBlocked: boolean;
  /** Have an engine build a base of a Containerfile with nothing from its cache. */
  readonly noCache: boolean;
}

export interface UpgradeResult extends ChangeResult {
  /** Packages that are not at their newest version, and why. */
  readonly kept: readonly KeptPackage[];
  /** The base is not the newest one because of them. */
  readonly keepsBase: boolean;
}

/**
 * Builds the spec of the first deployment from the newest base and the newest packages, in one stage, and deploys the result. Makes
 * no deployment when there is nothing new, unless there are more stages than are kept.
 */
export async function upgradeSystem(at: Sysroot, options: UpgradeOptions): Promise<UpgradeResult> {
  const { edits, skipBlocked, noCache, ...change } = options;
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
        const planned = await planUpgrade(context, spec, { build: { metadata, noCache }, lock, skipBlocked });
        ({ kept, keepsBase } = planned);
        const { plan } = planned;
        const isKept = options.fresh !== true && stageCount(lock) <= readStagesKept(transaction.host);
        return { ...plan, lock: (isKept ? withStagesOf(lock, plan.lock) : undefined) ?? plan.lock };
      },
    });
  });
  return { ...result, kept, keepsBase };
}
