import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { type BuildCheck, checkBuild, planBuild } from '../build/index.ts';
import { parseSpec } from '../spec/index.ts';
import { assertLockThere, buildContext, type ChangeOptions, type SpecSource } from './change.ts';

export interface ReproducibleResult extends BuildCheck {
  readonly reproducible: boolean;
}

/** Builds a spec twice and compares. Makes no deployment, and keeps neither image. */
export function checkReproducible(
  at: Sysroot,
  change: SpecSource & ChangeOptions,
): Promise<ReproducibleResult> {
  const spec = parseSpec(change.text, change.file);
  assertLockThere(change);
  const { verb, commandLine, waitSeconds, metadata, lock } = change;
  return withTransaction(at, { verb, commandLine, wait: waitSeconds }, async transaction => {
    const context = buildContext(transaction);
    const options = { metadata, locked: change.locked === true, ...(lock === undefined ? {} : { lock }) };
    const plan = await planBuild(context, spec, options);
    const checked = await checkBuild(context, plan, metadata);
    return { reproducible: checked.images[0] === checked.images[1], ...checked };
  });
}
