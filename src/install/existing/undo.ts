import { readBootloader } from '../../boot/index.ts';
import { deploymentRecovery, stopBooting } from '../../deployment/index.ts';
import type { Host } from '../../host/index.ts';
import { withTransaction } from '../../transaction/index.ts';
import { refuseBooted } from './not-booted.ts';

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
  refuseBooted(host, 'restart, and choose the system that was here before in the boot menu');
  if (readBootloader(host.sys, sysroot) === undefined) return false;
  if (options.dryRun) return true;
  const { verb, commandLine, waitSeconds } = options;
  const transaction = { verb, commandLine, wait: waitSeconds, recovery: [deploymentRecovery] };
  await withTransaction(host, sysroot, transaction, () => stopBooting(host, sysroot));
  return true;
}
