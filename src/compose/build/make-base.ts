import type { BootstrapPlan } from '../../apt/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { type BuildContext, bootstrap, type MetadataPolicy } from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import { writeImageObject } from '../../store/index.ts';
import type { LockedBase } from '../lock/index.ts';
import { basePackagesOf, lockedPackagesOf, recordBase } from './base-packages.ts';

/** What a lock of version 1 means for a base that is not there. */
export const OLD_LOCK =
  'the lock does not say what its base is made of: it is made of what the archive has now, and used if that is the same; `apt-layer compose lock` writes a lock that says it';

/** Makes a base that the store has not got, of nothing but what a lock names. RESOLVE_FAILED when it is another one. */
export async function makeLockedBase(
  context: BuildContext,
  plan: BootstrapPlan,
  locked: LockedBase & Required<Pick<LockedBase, 'packages'>>,
  policy: MetadataPolicy,
): Promise<string> {
  const { digest } = await makeBase(context, plan, { policy, locked: basePackagesOf(locked.packages) });
  if (digest !== locked.digest)
    throw new AptLayerError(
      'RESOLVE_FAILED',
      `the base made of the packages of the lock is ${digest.slice(0, 12)}, and not ${locked.digest.slice(0, 12)}`,
      {
        hint: 'where `bootstrap`, the sources and keys of this machine and apt-layer are the same, it is the same; else bring the base that was locked into the store, or write a new lock with `apt-layer compose lock`',
        details: { expected: locked.digest, actual: digest },
      },
    );
  recordBase(context, locked);
  return digest;
}

/** Makes a base and writes its image; nothing refers to it yet. */
export async function makeBase(
  context: BuildContext,
  plan: BootstrapPlan,
  options: Parameters<typeof bootstrap>[2],
): Promise<Omit<LockedBase, 'request'>> {
  const { report } = context.host;
  return step(report, 'bootstrap', `Making a base system of ${plan.suite}`, async () => {
    const { tree, packages: made } = await bootstrap(context, plan, options);
    const { expired } = made;
    return {
      ...{ digest: writeImageObject(context.store, tree), packages: lockedPackagesOf(made) },
      ...(expired !== undefined && { expired }),
    };
  });
}
