import { AptLayerError } from '../../errors/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { planBuild } from '../build/index.ts';
import type { Lock } from '../lock/index.ts';
import { parseSpec } from '../spec/index.ts';
import { buildContext, type ChangeOptions, type SpecSource } from './change.ts';
import { lockBytes, replaceLock } from './replace-lock.ts';
import { specFileText } from './source.ts';

/**
 * Resolves a spec file and writes the lock to `output`, as `replaceLock` does. FAILED when the spec is not the one any more that was
 * resolved: its lock would be stale from the start.
 */
export function writeLock(
  at: Sysroot,
  change: SpecSource & ChangeOptions & { output: string },
): Promise<Lock> {
  const { host } = at;
  const { verb, commandLine, waitSeconds, metadata, output, file, text } = change;
  const spec = parseSpec(text, file);
  return withTransaction(at, { verb, commandLine, wait: waitSeconds }, async transaction => {
    const before = lockBytes(host, output);
    const plan = await planBuild(buildContext(transaction), spec, {
      metadata,
      dryRun: change.dryRun,
    });
    if (change.dryRun) return plan.lock;
    if (specFileText(host, file) !== text)
      throw new AptLayerError('FAILED', `${file} was changed while it was resolved; no lock was written`, {
        hint: 'run it again',
        details: { file },
      });
    await replaceLock(host, output, { lock: plan.lock, before });
    return plan.lock;
  });
}
