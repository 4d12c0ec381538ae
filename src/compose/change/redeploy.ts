import {
  createDeployment,
  deploymentRecovery,
  listDeployments,
  readOrigin,
  storePath,
} from '../../deployment/index.ts';
import type { Host } from '../../host/index.ts';
import { ensureStore } from '../../store/index.ts';
import { withTransaction } from '../../transaction/index.ts';
import { editSpec, type SpecEdit } from '../spec/index.ts';
import { type ChangeOptions, type ChangeResult, currentOrigin, resultOfSameImage } from './change.ts';

/**
 * Edits the spec of the first deployment in keys that its image does not depend on, and makes a deployment of the same image and lock.
 * Needs neither the archive nor the base.
 */
export function redeploySystem(
  host: Host,
  sysroot: string,
  change: Pick<ChangeOptions, 'verb' | 'commandLine' | 'waitSeconds' | 'dryRun'> & {
    readonly edits: readonly SpecEdit[];
  },
): Promise<ChangeResult> {
  const { verb, commandLine, waitSeconds, dryRun } = change;
  const options = {
    verb: dryRun ? `${verb} --dry-run` : verb,
    commandLine,
    wait: waitSeconds,
    recovery: [deploymentRecovery],
    summarize: ({ deployment, changed }: ChangeResult) => ({ deployment, changed }),
  };
  return withTransaction(host, sysroot, options, async transaction => {
    const { id, lock, specText } = currentOrigin(host, sysroot);
    const current = listDeployments(host, sysroot).find(one => one.id === id);
    if (current === undefined) throw new Error(`${id} went away under the lock`);
    const edited = editSpec(specText, `${id}/spec.yaml`, change.edits);
    const deployment =
      edited.changed && !dryRun
        ? await createDeployment(host, ensureStore(host, storePath(sysroot)), transaction, {
            ...current,
            kernelArguments: edited.spec.kernelArguments,
            specText: edited.text,
            lockText: readOrigin(host, sysroot, id).lockText,
          })
        : null;
    return resultOfSameImage(current.image, lock, { dryRun, changed: edited.changed, deployment });
  });
}
