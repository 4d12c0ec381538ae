import { writeFileDurable } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { withTransaction } from '../../transaction/index.ts';
import { planBuild } from '../build/index.ts';
import { type Lock, serializeLock } from '../lock/index.ts';
import { parseSpec } from '../spec/index.ts';
import { buildContext, type ChangeOptions, type SpecSource } from './change.ts';

/** Resolves a spec and writes the lock to `output`, in one step. */
export function writeLock(
  host: Host,
  sysroot: string,
  change: SpecSource & ChangeOptions & { output: string },
): Promise<Lock> {
  const spec = parseSpec(change.text, change.file);
  const { verb, commandLine, waitSeconds, metadata } = change;
  return withTransaction(host, sysroot, { verb, commandLine, wait: waitSeconds }, async transaction => {
    const plan = await planBuild(buildContext(transaction), spec, {
      metadata,
      dryRun: change.dryRun,
    });
    if (!change.dryRun) writeFileDurable(host.sys, change.output, serializeLock(plan.lock));
    return plan.lock;
  });
}
