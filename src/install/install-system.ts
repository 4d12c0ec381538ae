import { type Bootloader, type LoaderEntry, writeBootloader } from '../boot/index.ts';
import { assertVerity, deploymentRecovery } from '../deployment/index.ts';
import type { Host } from '../host/index.ts';
import { writableStore } from '../store/index.ts';
import { type Transaction, withTransaction } from '../transaction/index.ts';
import { bootableEntry } from './bootable-entry.ts';
import { checkSettings } from './configure.ts';
import { checkKernelArguments } from './kernel-arguments.ts';
import { type MachineRequest, type MachineSettings, readMachineRequest } from './machine.ts';
import { makeDeployment, openSource, type Source } from './new-deployment.ts';

/** What every way of installing is told. */
export interface InstallRequest {
  /** Where the deployment comes from. */
  readonly sysroot: string;
  /** As the user names it; default the first. */
  readonly deployment: string | undefined;
  readonly kernelArguments: readonly string[];
  readonly machine: MachineRequest;
  readonly commandLine: string;
}

/** A request that was found to make sense. */
export interface CheckedRequest {
  readonly source: Source;
  readonly settings: MachineSettings;
  readonly commandLine: string;
}

/** Checks what does not depend on the target. Changes nothing. */
export function checkRequest(host: Host, request: InstallRequest): CheckedRequest {
  const { kernelArguments, commandLine } = request;
  checkKernelArguments(kernelArguments);
  const settings = readMachineRequest(host, request.machine);
  const source = openSource(
    { host, sysroot: request.sysroot },
    {
      deployment: request.deployment,
      append: kernelArguments,
    },
  );
  checkSettings(source.tree, settings);
  return { source, settings, commandLine };
}

export interface Installed {
  readonly deployment: string;
  /** fs-verity protects the objects. */
  readonly verity: boolean;
  /** Kernel command line of the boot entry; none where no boot loader was asked for. */
  readonly arguments: readonly string[];
}

/** The sysroot that is made, and how it will be booted. */
export interface NewSysroot {
  readonly verb: string;
  readonly path: string;
  readonly fstab: string;
  /** Undefined: nothing boots it. */
  readonly bootloader: Omit<Bootloader, 'verity'> | undefined;
  /** Installs the boot loader with this one entry. */
  writeBoot(transaction: Transaction, entry: LoaderEntry): Promise<void>;
}

/**
 * Makes a sysroot with one deployment in a file system that is mounted. That file says how it is booted comes last: the boot
 * loader is there then. HOST_UNSUPPORTED, before anything is copied, where the deployment is to be booted with fs-verity only and
 * the file system has none.
 */
export async function installSystem(
  host: Host,
  request: CheckedRequest,
  made: NewSysroot,
): Promise<Installed> {
  const { path, bootloader } = made;
  const { source, settings } = request;
  const options = {
    verb: made.verb,
    commandLine: request.commandLine,
    recovery: [deploymentRecovery],
    summarize: ({ deployment }: Installed) => ({ deployment }),
  };
  return await withTransaction({ host, sysroot: path }, options, async transaction => {
    const { fstab } = made;
    if (bootloader !== undefined)
      assertVerity(source.deployment, writableStore(transaction, source.store.algorithm));
    const { deployment, store } = await makeDeployment(transaction, source, {
      settings,
      fstab,
    });
    const { verity } = store;
    if (bootloader === undefined) return { deployment: deployment.id, verity, arguments: [] };
    const state = { ...bootloader, verity };
    const entry = bootableEntry(store, deployment, state);
    await made.writeBoot(transaction, entry);
    writeBootloader(transaction, state);
    return { deployment: deployment.id, verity, arguments: entry.arguments };
  });
}
