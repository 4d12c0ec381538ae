import { assertCommandLineFits, createDeployment, readOrigin } from '../../deployment/index.ts';
import { writableStore } from '../../store/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { publicOrigin } from '../public/index.ts';
import { parseSpec, type SpecEdit } from '../spec/index.ts';
import { type ChangeOptions, type ChangeResult, inChange, resultOfSameImage } from './change.ts';
import { currentDeployment, editOrigin } from './origin.ts';

/**
 * Edits the spec of the first deployment in keys that its image does not depend on, and makes a deployment of the same image and lock.
 * Needs neither the archive nor the base.
 */
export function redeploySystem(
  at: Sysroot,
  change: Pick<ChangeOptions, 'verb' | 'commandLine' | 'waitSeconds' | 'dryRun' | 'renumberAccounts'> & {
    readonly edits: readonly SpecEdit[];
  },
): Promise<ChangeResult> {
  const { dryRun, edits } = change;
  return inChange(at, { ...change, usesReserve: true }, async transaction => {
    const { host } = transaction;
    const { origin, text, spec, changed } = editOrigin(transaction, edits);
    const current = currentDeployment(transaction);
    const before = parseSpec(origin.specText, `${current.id}/spec.yaml`).kernelArguments;
    const texts = { specText: text, lockText: readOrigin(transaction, current.id).lockText };
    // Also for a dry run. What the image brings is in front of what the spec says.
    const brought = current.kernelArguments.slice(0, current.kernelArguments.length - before.length);
    assertCommandLineFits(transaction, {
      ...current,
      kernelArguments: [...brought, ...spec.kernelArguments],
    });
    const deployment =
      changed && !dryRun
        ? await createDeployment(host, writableStore(transaction), transaction, {
            ...current,
            kernelArguments: spec.kernelArguments,
            renumberAccounts: change.renumberAccounts === true,
            ...texts,
            origin: publicOrigin(texts),
          })
        : null;
    return resultOfSameImage(current.image, origin.lock, { dryRun, changed, deployment });
  });
}
