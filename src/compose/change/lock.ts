import { writeFileDurable } from '../../fs/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { planBuild } from '../build/index.ts';
import { type Lock, serializeLock } from '../lock/index.ts';
import { parseSpec } from '../spec/index.ts';
import { buildContext, type ChangeOptions, type SpecSource } from './change.ts';

/** Resolves a spec and writes the lock to `output`, in one step. */
export function writeLock(
  at: Sysroot,
  change: SpecSource & ChangeOptions & { output: string },
): Promise<Lock> {
  const { host } = at;
  const spec = parseSpec(change.text, change.file);
  const { verb, commandLine, waitSeconds, metadata } = change;
  return withTransaction(at, { verb, commandLine, wait: waitSeconds }, async transaction => {
    const plan = await planBuild(buildContext(transaction), spec, {
      metadata,
      dryRun: change.dryRun,
    });
    if (!change.dryRun) writeFileDurable(host.sys, change.output, serializeLock(plan.lock));
    return plan.lock;
  });
}
