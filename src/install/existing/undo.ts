import { readBootloader } from '../../boot/index.ts';
import { deploymentRecovery, stopBooting } from '../../deployment/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
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
export async function undoExistingRoot(at: Sysroot, options: UndoOptions): Promise<boolean> {
  const { host } = at;
  refuseBooted(host, 'restart, and choose the system that was here before in the boot menu');
  if (readBootloader(at) === undefined) return false;
  if (options.dryRun) return true;
  const { verb, commandLine, waitSeconds } = options;
  const recovery = [deploymentRecovery];
  await withTransaction(at, { verb, commandLine, wait: waitSeconds, recovery }, stopBooting);
  return true;
}
