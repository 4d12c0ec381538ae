import type { Sysroot } from '../../transaction/index.ts';
import { hasStages, type Lock } from '../lock/index.ts';
import { parseSpec, type Spec, type SpecEdit } from '../spec/index.ts';
import { type ChangeOptions, type ChangeResult, inChange, resultOfSameImage, runChange } from './change.ts';
import { settleFiles } from './local-debs.ts';
import { currentDeployment, editOrigin } from './origin.ts';

/**
 * Edits the spec of the first deployment and builds the result. An edit that changes nothing builds nothing: what is
 * layered already stays as it is. With `fresh`, stages become one.
 */
export async function editSystem(
  at: Sysroot,
  change: Omit<ChangeOptions, 'deploy'> & { readonly edits: readonly SpecEdit[] },
): Promise<ChangeResult> {
  const { edits: wanted, ...options } = change;
  // Where there is nothing to edit, nothing is to be made either.
  currentDeployment(at);
  return inChange(at, options, async transaction => {
    const before = editOrigin(transaction, []).origin;
    const { edits, lock, isRebuilt } = settleFiles(transaction.host, before, wanted);
    const { file, text, spec, changed } = editOrigin(transaction, edits);
    const joined = options.fresh === true && hasStages(before.lock.packages);
    if (changed || isRebuilt || joined)
      return runChange(transaction, {
        text,
        file,
        lock: withoutReset({ ...before, lock }, spec),
        edited: { spec: parseSpec(before.specText, before.id), lock: before.lock },
        ...options,
        deploy: true,
        staysOnBase: true,
      });
    return resultOfSameImage(currentDeployment(transaction).image, before.lock, {
      dryRun: options.dryRun,
      changed: false,
      deployment: null,
    });
  });
}

/** The lock without packages whose override is gone: base and archive decide about them again. */
function withoutReset(origin: { specText: string; lock: Lock }, after: Spec): Lock {
  const before = parseSpec(origin.specText, 'the spec before').overrides;
  const kept = new Set(after.overrides.map(one => one.package));
  const reset = new Set(before.map(one => one.package).filter(name => !kept.has(name)));
  const packages = origin.lock.packages.filter(
    ({ name, architecture }) => !reset.has(name) && !reset.has(`${name}:${architecture}`),
  );
  return { ...origin.lock, packages };
}
