import { readBootloader } from '../../boot/index.ts';
import { deploymentRecovery, isBooted, stopBooting } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import { withTransaction } from '../../transaction/index.ts';

export interface UndoOptions {
  readonly verb: string;
  readonly commandLine: string;
  readonly waitSeconds: number;
  readonly dryRun: boolean;
}

/**
 * Takes the deployments of a converted machine from its boot loader; they themselves stay. False when none were there. FAILED on a machine
 * that runs from one.
 */
export async function undoExistingRoot(host: Host, sysroot: string, options: UndoOptions): Promise<boolean> {
  if (isBooted(host, sysroot) || host.sys.lstatIfExists('/run/apt-layer/booted') !== undefined)
    throw new AptLayerError('FAILED', 'this machine runs from a deployment', {
      hint: 'restart, and choose the system that was here before in the boot menu',
    });
  if (readBootloader(host.sys, sysroot) === undefined) return false;
  if (options.dryRun) return true;
  const { verb, commandLine, waitSeconds } = options;
  const transaction = { verb, commandLine, wait: waitSeconds, recovery: [deploymentRecovery] };
  await withTransaction(host, sysroot, transaction, () => stopBooting(host, sysroot));
  return true;
}
