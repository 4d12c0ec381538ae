import { ensureDirectory, removeTree } from '../fs/index.ts';
import { ANY_EXIT_CODE, CommandFailed } from '../process/index.ts';
import { step } from '../report/index.ts';
import {
  type Bind,
  type PrivateNetwork,
  proxiesInside,
  runInSandbox,
  writeForSandbox,
} from '../sandbox/index.ts';
import { withoutDatabasePasswords } from './database-passwords.ts';
import { datedScripts, type Unconfigured } from './dated-scripts.ts';
import { failing } from './failing.ts';
import { kernelToolStubs } from './kernel-tools.ts';
import { dpkgProgress } from './status-fd.ts';
import { type DpkgTarget, POLICY } from './target.ts';

/** A preinst to run before the files of its package are there. */
export interface Preinst {
  readonly name: string;
  readonly architecture: string;
  /** All members of the control archive: debconf looks for templates beside the script. */
  readonly control: ReadonlyMap<string, { readonly bytes: Buffer; readonly mode: number }>;
}

const ENVIRONMENT = {
  DEBIAN_FRONTEND: 'noninteractive',
  DEBIAN_PRIORITY: 'critical',
  DEBCONF_NONINTERACTIVE_SEEN: 'true',
  // Honoured by the kernel hooks of initramfs-tools and dracut.
  INITRD: 'No',
  // DKMS signs with a key that it makes when the one of its configuration is not there. That of a build would be thrown away, and no
  // two builds would be the same; this one cannot be made. A key that the image's own configuration names comes before it.
  mok_signing_key: '/dev/null/none',
  // Perl and Python walk their tables in an order of chance, and scripts write in the order in which they walk.
  PERL_HASH_SEED: '0',
  PYTHONHASHSEED: '0',
};

const OPTIONS = ['--force-unsafe-io', '--force-confdef', '--force-confold', '--status-fd', '3'];

const ARCHIVES = '/run/apt-layer/archives';
const CONTROL = '/run/apt-layer/control';

/** A package whose scripts have a network, which is configured apart from the others. */
export interface NetworkedPackage {
  /** As dpkg calls it. */
  readonly name: string;
  /** Packages without a network that it needs to be configured. */
  readonly before: readonly string[];
  /** Something that it needs also needs it. */
  readonly inCircle: boolean;
}

/** Packages whose scripts have a network, in the order in which they can be configured. */
export interface Networked {
  readonly network: PrivateNetwork;
  readonly packages: readonly NetworkedPackage[];
}

/**
 * Configures everything that is unpacked, triggers included; of what the system has, whatever makes initramfs images and boot
 * loader entries is kept from it. DPKG_FAILED names package and script.
 */
export function configurePackages(
  target: DpkgTarget,
  options: Unconfigured & { readonly packages: number; readonly networked?: Networked },
): Promise<void> {
  const { packages, has, networked } = options;
  const binds = [
    ...kernelToolStubs(target, has),
    ...datedScripts(target, options),
    ...withoutDatabasePasswords(target, options),
  ];
  return step(target.host.report, 'configure', `Configuring ${packages} packages`, () =>
    configureAll(target, { task: 'configure', packages, binds }, networked),
  );
}

/** Triggers are for all packages: those that one with a network pulls wait for the last call, which has none. */
async function configureAll(
  target: DpkgTarget,
  shared: Omit<Call, 'command'>,
  networked: Networked | undefined,
): Promise<void> {
  const dpkg = (...words: string[]) => ({ ...shared, command: ['dpkg', ...OPTIONS, ...words] });
  for (const { name, before, inCircle } of networked?.packages ?? []) {
    if (before.length > 0) await call(target, dpkg('--configure', ...before));
    const force = inCircle ? ['--force-depends'] : [];
    const command = dpkg('--no-triggers', ...force, '--configure', name);
    await call(target, { ...command, network: networked?.network });
  }
  await call(target, dpkg('--configure', '-a'));
}

/** A package that dpkg unpacks. */
export interface Archive {
  readonly package: string;
  /** Its .deb file. */
  readonly path: string;
}

/**
 * Unpacks .deb files over what is there and configures them, as dpkg decides; with `overwrite`, files of one package may take
 * the place of another's. DPKG_FAILED names package and script.
 */
export function unpackAndConfigure(
  target: DpkgTarget,
  archives: readonly Archive[],
  options: Unconfigured & { readonly overwrite: boolean; readonly networked?: Networked },
): Promise<void> {
  const { overwrite, networked } = options;
  const names = archives.map((_, index) => `${ARCHIVES}/${index}.deb`);
  const unpacked = new Set(archives.map(archive => archive.package));
  const binds = [
    ...archives.map(({ path }, index) => ({ source: path, target: names[index] as string })),
    ...datedScripts(target, options, unpacked),
    ...withoutDatabasePasswords(target, options, unpacked),
  ];
  const shared = { task: 'dpkg' as const, binds, packages: archives.length };
  const words = ['dpkg', ...OPTIONS, ...(overwrite ? ['--force-overwrite'] : []), '--auto-deconfigure'];
  return step(target.host.report, 'dpkg', `Installing ${archives.length} packages with dpkg`, async () => {
    if (networked === undefined)
      return call(target, { ...shared, command: [...words, '--install', ...names] });
    const apart = new Set(networked.packages.map(one => one.name.replace(/:.*$/, '')));
    const isApart = (index: number) => apart.has(archives[index]?.package ?? '');
    const unpack = [...words, '--no-triggers', '--unpack'];
    const others = names.filter((_, index) => !isApart(index));
    if (others.length > 0) await call(target, { ...shared, command: [...unpack, ...others] });
    for (const name of names.filter((_, index) => isApart(index)))
      await call(target, { ...shared, command: [...unpack, name], network: networked.network });
    await configureAll(target, shared, networked);
  });
}

/** Removes packages and their configuration. What needs them is dealt with by whoever asked for it. */
export function purgePackages(target: DpkgTarget, names: readonly string[]): Promise<void> {
  return step(target.host.report, 'remove', `Removing ${names.join(', ')}`, () =>
    call(target, {
      task: 'remove',
      command: ['dpkg', ...OPTIONS, '--force-depends', '--purge', '--', ...names],
      packages: names.length,
    }),
  );
}

// Each script stands with its control members where dpkg puts them, and is told what dpkg tells it. Arguments: name
// and architecture of each package in turn; what it says when one fails is what dpkg says.
const PREINST_SCRIPT = `set -u
number=0
place=/var/lib/dpkg/tmp.ci
while [ $# -gt 0 ]; do
  rm -rf "$place"
  cp -R "${CONTROL}/$number" "$place"
  chmod -R u=rwX,go=rX "$place"
  echo "Preparing to unpack $1 ..."
  DPKG_MAINTSCRIPT_PACKAGE=$1 DPKG_MAINTSCRIPT_ARCH=$2 "$place/preinst" install </dev/null || {
    status=$?
    echo "dpkg: error processing archive $1 (--unpack):" >&2
    echo " new $1 package pre-installation script subprocess returned error exit status $status" >&2
    exit 1
  }
  number=$((number + 1))
  shift 2
done
rm -rf "$place"`;

/** Runs preinsts one after the other, as dpkg does for a first installation. DPKG_FAILED names the package. */
export async function runPreinsts(
  target: DpkgTarget,
  scripts: readonly Preinst[],
  network?: PrivateNetwork,
): Promise<void> {
  await callPreinsts(target, scripts, { version: await dpkgVersion(target), network });
}

async function callPreinsts(
  target: DpkgTarget,
  scripts: readonly Preinst[],
  { version, network }: { readonly version: string; readonly network?: PrivateNetwork | undefined },
): Promise<void> {
  const binds = [{ source: writeControl(target, scripts), target: CONTROL }];
  const environment = {
    DPKG_ADMINDIR: '/var/lib/dpkg',
    DPKG_ROOT: '',
    DPKG_RUNNING_VERSION: version,
    DPKG_MAINTSCRIPT_NAME: 'preinst',
    DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT: '1',
    DPKG_MAINTSCRIPT_DEBUG: '0',
  };
  const names = scripts.flatMap(({ name, architecture }) => [name, architecture]);
  await step(target.host.report, 'preinst', `Preparing ${scripts.length} packages`, () =>
    call(target, {
      task: 'preinst',
      command: ['sh', '-c', PREINST_SCRIPT, 'sh', ...names],
      binds,
      environment,
      packages: scripts.length,
      network,
    }),
  );
}

/** What the first packages of a system need, before there is a system that could tell. */
interface BootstrapScripts {
  readonly packages: number;
  readonly preinsts: readonly Preinst[];
  /** Packages to configure before all others, whatever they depend on: nothing has an owner before there are accounts. */
  readonly first: readonly string[];
  /** Of the dpkg that is among the packages. */
  readonly dpkgVersion: string;
}

/** Runs the scripts of packages that were merged into an empty tree, and configures them. DPKG_FAILED as above. */
export async function bootstrapDpkg(target: DpkgTarget, scripts: BootstrapScripts): Promise<void> {
  const { packages, preinsts, first, dpkgVersion } = scripts;
  if (preinsts.length > 0) await callPreinsts(target, preinsts, { version: dpkgVersion });
  await step(target.host.report, 'configure', `Configuring ${packages} packages`, async () => {
    for (const name of first)
      await call(target, {
        task: 'configure',
        command: ['dpkg', ...OPTIONS, '--force-depends', '--configure', name],
        packages: first.length,
      });
    await call(target, { task: 'configure', command: ['dpkg', ...OPTIONS, '--configure', '-a'], packages });
  });
}

function writeControl(target: DpkgTarget, scripts: readonly Preinst[]): string {
  const { sys } = target.host;
  const directory = `${target.workDirectory}/control`;
  // Of the packages before.
  removeTree(sys, directory);
  ensureDirectory(sys, directory);
  scripts.forEach(({ control }, index) => {
    ensureDirectory(sys, `${directory}/${index}`);
    for (const [member, { bytes, mode }] of control)
      writeForSandbox(sys, `${directory}/${index}/${member}`, { bytes, mode });
  });
  return directory;
}

// dpkg's own placeholder.
const VERSION_FORMAT = '$' + '{Version}';

async function dpkgVersion(target: DpkgTarget): Promise<string> {
  const command = ['dpkg-query', '--show', '--showformat', VERSION_FORMAT, 'dpkg'];
  const output = await runInSandbox(target.host, target.scratch, { command });
  return output.stdout.toString('latin1');
}

/** Steps in which dpkg or its scripts run. */
type DpkgTask = 'preinst' | 'configure' | 'dpkg' | 'remove';

interface Call {
  /** The step that progress is of. */
  readonly task: DpkgTask;
  readonly command: readonly string[];
  readonly packages: number;
  readonly binds?: readonly Bind[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly network?: PrivateNetwork | undefined;
}

async function call(target: DpkgTarget, options: Call): Promise<void> {
  const { host, scratch, workDirectory, onOutput } = target;
  const policy = `${workDirectory}/policy-rc.d`;
  writeForSandbox(host.sys, policy, { bytes: Buffer.from(POLICY), mode: 0o755 });
  const binds = [...(options.binds ?? []), { source: policy, target: '/usr/sbin/policy-rc.d' }];
  const { network } = options;
  const proxies = network === undefined ? {} : proxiesInside(host.environment);
  const environment = { ...ENVIRONMENT, ...proxies, ...options.environment };
  const onStatusLine = dpkgProgress(host.report, options.task, options.packages);
  await failing(target, async () => {
    try {
      await runInSandbox(
        host,
        scratch,
        { command: options.command, environment, binds, ...(network !== undefined && { network }) },
        { onOutput, onStatusLine, mergeOutput: true },
      );
    } catch (error) {
      if (error instanceof CommandFailed) await passOnLogs(target);
      throw error;
    }
  });
}

/**
 * What DKMS left in a file that goes with the failed build, to where all else is that was said. A script may have left no shell to read it
 * with; what failed before is what counts.
 */
async function passOnLogs({ host, scratch, onOutput }: DpkgTarget): Promise<void> {
  const script =
    'for log in /var/lib/dkms/*/*/build/make.log; do [ ! -f "$log" ] || tail -n 1000 "$log"; done';
  const command = ['sh', '-c', script];
  await runInSandbox(host, scratch, { command }, { onOutput, mergeOutput: true, okCodes: ANY_EXIT_CODE });
}
