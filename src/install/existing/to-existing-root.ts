import { isOfDistribution } from '../../apt/index.ts';
import type { Bootloader } from '../../boot/index.ts';
import { type ChangeOptions, type ChangeResult, changeSystem, type Lock } from '../../compose/index.ts';
import {
  adoptEtc,
  assertNoneRequiresVerity,
  type Deployment,
  deploymentRecovery,
  listDeployments,
  startBooting,
  storePath,
} from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { readFileIfExists, writeFileDurable } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { openStore, readImage } from '../../store/index.ts';
import { statePaths, type Transaction, withTransaction } from '../../transaction/index.ts';
import { bootableEntry } from '../bootable-entry.ts';
import { adoptedFstab } from './adopted-fstab.ts';
import { requestAdoption } from './adopted-var.ts';
import { type BootPlace, findBootPlace } from './boot-place.ts';
import { findFileSystems, type MachineFileSystems } from './file-systems.ts';
import { type MachineSpec, specOfMachine } from './machine-spec.ts';
import { newToMachine } from './new-to-machine.ts';
import { refuseBooted } from './not-booted.ts';
import { repackPackages } from './repack.ts';
import { mountPoints, sharedDirectories } from './root-directories.ts';
import { type RunningMachine, readRunningMachine } from './running-machine.ts';

export interface ToExistingRootRequest {
  /** Absolute; a directory of the root file system. */
  readonly sysroot: string;
  readonly kernelArguments: readonly string[];
  /** Packages that are not taken over. */
  readonly without: readonly string[];
}

/** What converting a machine amounts to. */
export interface ToExistingRootPlan {
  readonly sysroot: string;
  readonly fileSystems: MachineFileSystems;
  readonly machine: RunningMachine;
  readonly spec: MachineSpec;
  readonly boot: BootPlace;
  /** Directories that old and new system both use. */
  readonly shared: readonly string[];
}

export interface Converted {
  readonly deployment: string;
  /** Compared with nothing: the packages beyond the base. */
  readonly built: ChangeResult;
  readonly arguments: readonly string[];
  /** Lines of fstab(5) that mean nothing in a deployment. */
  readonly droppedMounts: readonly string[];
}

const FSTAB_MAX_BYTES = 1024 * 1024;
/** Accounts that packages make have numbers in between. */
const SYSTEM_IDS = { from: 100, to: 999 };

/** Looks at the machine that this runs on and says what it would become. Changes nothing. */
export async function planToExistingRoot(
  host: Host,
  request: ToExistingRootRequest,
): Promise<ToExistingRootPlan> {
  const { sysroot } = request;
  refuseBooted(host, 'see `apt-layer status`');
  assertNoneRequiresVerity({ host, sysroot });
  const fileSystems = await findFileSystems({ host, sysroot });
  const machine = await readRunningMachine(host);
  refuseWithoutProgram(machine);
  const boot = await findBootPlace(host, fileSystems.root);
  const shared = sharedDirectories({ host, sysroot });
  const { suite, kernelArguments } = machine;
  const spec = specOfMachine(machine, {
    isOfBase: source => isOfDistribution(source, { suite, architecture: host.architecture }),
    debDirectory: `${sysroot}/cache/repacked`,
    directories: mountPoints(fstabOf(host), shared),
    kernelArguments: [...kernelArguments, ...request.kernelArguments],
    without: request.without,
  });
  return { sysroot, fileSystems, machine, spec, boot, shared };
}

/**
 * Builds what the machine consists of as its first deployment, gives it the machine's /etc, and makes it what the next boot takes, with
 * counted attempts. The system that is there stays as it is, and what the boot loader goes back to. Repeatable after a failure.
 */
export async function installToExistingRoot(
  host: Host,
  plan: ToExistingRootPlan,
  options: Omit<ChangeOptions, 'deploy' | 'dryRun'>,
): Promise<Converted> {
  const { sysroot, spec } = plan;
  await repackPackages(host, spec.repacked);
  const built = await changeSystem(
    { host, sysroot },
    {
      ...options,
      ...{ text: spec.text, file: 'the spec of this machine', lock: lockOf(host) },
      ...{ deploy: true, dryRun: false },
    },
  );
  for (const path of spec.repacked.values()) host.sys.unlink(path);
  const { verb, commandLine, waitSeconds } = options;
  const changing = { verb, commandLine, wait: waitSeconds, recovery: [deploymentRecovery] };
  return withTransaction({ host, sysroot }, changing, async transaction => {
    const deployment = listDeployments(transaction).find(
      one => built.deployment === null || one.id === built.deployment,
    );
    if (deployment === undefined) throw new Error('a deployment was made but is not listed');
    const droppedMounts = await adoptMachine(transaction, plan, deployment);
    const bootloader = bootloaderOf(plan);
    const entry = bootableEntry(openStore(host, storePath(sysroot)), deployment, bootloader);
    await startBooting(transaction, bootloader);
    return { deployment: deployment.id, built, arguments: entry.arguments, droppedMounts };
  });
}

/** /etc with its fstab(5), and the word that /var is to be copied. */
async function adoptMachine(
  transaction: Transaction,
  plan: ToExistingRootPlan,
  deployment: Deployment,
): Promise<readonly string[]> {
  const { host, sysroot } = transaction;
  const { machine } = plan;
  const { root, var: oldVar } = plan.fileSystems;
  const store = openStore(host, storePath(sysroot));
  const isNew = newToMachine(store, readImage(store, deployment.image), machine);
  const shared = { source: `UUID=${root.uuid}`, type: root.type, paths: plan.shared };
  const options = root.root === '/' ? '' : `,subvol=${root.root}`;
  const fstab = adoptedFstab(fstabOf(host), { ...shared, options });
  await adoptEtc(transaction, {
    deployment,
    etc: { path: '/etc', isNew },
    edit: directory => writeFileDurable(host.sys, `${directory}/fstab`, fstab.text),
  });
  requestAdoption(host, { var: `${statePaths(sysroot).names}/${deployment.name}/var`, sysroot, oldVar });
  return fstab.dropped;
}

function bootloaderOf({ fileSystems: { root }, sysroot, boot }: ToExistingRootPlan): Bootloader {
  const flags = root.root === '/' ? [] : [`rootflags=subvol=${root.root}`];
  return {
    ...{ loader: boot.loader, boot: boot.boot },
    arguments: [`root=UUID=${root.uuid}`, ...flags, `aptlayer.sysroot=${sysroot}`],
    verity: false,
  };
}

/** Without it nothing would mount a deployment. */
function refuseWithoutProgram({ packages }: RunningMachine): void {
  if (packages.some(one => one.name === 'apt-layer')) return;
  throw new AptLayerError('FAILED', 'the package apt-layer is not installed on this machine', {
    hint: 'install it first, since a deployment needs it to boot: apt-get install ./apt-layer_VERSION_all.deb',
  });
}

/** Versions are the archive's affair; numbers of accounts are those that files on the machine have. */
function lockOf(host: Host): Lock {
  const ids = (path: string) => systemIds(host.sys.readFile(path).toString('latin1'));
  return {
    ...{ version: 1, base: { request: '', digest: '' }, packages: [] },
    ...{ users: ids('/etc/passwd'), groups: ids('/etc/group') },
  };
}

/** The accounts of a table that packages have made, with their numbers. */
export function systemIds(text: string): Record<string, number> {
  const entries = text.split('\n').flatMap(line => {
    const [name = '', , id = ''] = line.split(':');
    const number = Number(id);
    const isOne = /^[a-z_][a-z0-9_-]*$/i.test(name) && /^\d+$/.test(id);
    return isOne && number >= SYSTEM_IDS.from && number <= SYSTEM_IDS.to ? [[name, number] as const] : [];
  });
  return Object.fromEntries(entries);
}

function fstabOf({ sys }: Host): string {
  return readFileIfExists(sys, '/etc/fstab', FSTAB_MAX_BYTES)?.toString('utf8') ?? '';
}
