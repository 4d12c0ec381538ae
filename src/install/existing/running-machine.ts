import { type HostSource, readHostSources } from '../../apt/index.ts';
import { runningArguments } from '../../boot/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';

/** What an ordinary Debian machine is made of, as far as packages go. */
export interface RunningMachine {
  /** ID and VERSION_CODENAME of os-release(5). */
  readonly distribution: string;
  readonly suite: string;
  readonly sources: readonly HostSource[];
  /** NAME or NAME:ARCH, sorted. */
  readonly packages: readonly MachinePackage[];
  readonly foreignArchitectures: readonly string[];
  /** Packages bring what they recommend, as apt is configured. */
  readonly recommends: boolean;
  readonly hostname: string;
  /** Of /proc/cmdline. */
  readonly kernelArguments: readonly string[];
}

/** A package that is installed. */
export interface MachinePackage {
  /** NAME, or NAME:ARCH where the architecture is foreign. */
  readonly name: string;
  readonly version: string;
  /** Asked for by somebody, rather than pulled in. */
  readonly manual: boolean;
  readonly held: boolean;
  /** An archive that apt knows has some version of it. */
  readonly archived: boolean;
}

/** Reads what runs on this machine. FAILED when dpkg has left something unfinished. */
export async function readRunningMachine(host: Host): Promise<RunningMachine> {
  const { id, codename, sources } = readHostSources(host.sys, '/', host.report);
  if (codename === undefined)
    throw new AptLayerError('FAILED', '/etc/os-release names no release (VERSION_CODENAME)', {
      hint: 'a machine of a rolling release cannot be converted; install a new one with `install to-disk`',
    });
  const packages = await readPackages(host);
  return {
    ...{ distribution: id, suite: codename, sources, packages },
    foreignArchitectures: words(await output(host, 'dpkg', '--print-foreign-architectures')),
    recommends: !/^APT::Install-Recommends "(?:0|false|no|off|without|disable)";$/m.test(
      await output(host, 'apt-config', 'dump', 'APT::Install-Recommends'),
    ),
    hostname: host.sys.readFile('/proc/sys/kernel/hostname').toString('utf8').trim(),
    kernelArguments: ownArguments(runningArguments(host.sys)),
  };
}

/** Fields of dpkg-query(1). */
const FORMAT = ['binary:Package', 'Version', 'db:Status-Want', 'db:Status-Status', 'Architecture']
  .map(field => `\${${field}}`)
  .join('\\t')
  .concat('\\n');

async function readPackages(host: Host): Promise<MachinePackage[]> {
  const rows = (await output(host, 'dpkg-query', '--show', `--showformat=${FORMAT}`))
    .split('\n')
    .map(line => line.split('\t'))
    .filter(fields => fields.length === 5 && !['not-installed', 'config-files'].includes(fields[3] ?? ''));
  const unfinished = rows.filter(([, , , status]) => status !== 'installed').map(([name]) => name);
  if (unfinished.length > 0)
    throw new AptLayerError('FAILED', `dpkg has not finished with ${unfinished.slice(0, 5).join(', ')}`, {
      hint: 'run `dpkg --configure -a` and `apt-get --fix-broken install` first',
    });
  const plain = (name: string) => name.replace(`:${host.architecture}`, '');
  const manual = new Set(words(await output(host, 'apt-mark', 'showmanual')).map(plain));
  const names = rows.map(([name = '']) => plain(name));
  const archived = await archivedOf(host, names);
  return rows.map(([binary = '', version = '', want]) => {
    const name = plain(binary);
    return {
      ...{ name, version, manual: manual.has(name), held: want === 'hold' },
      archived: archived.has(name.replace(/:.*/, '')),
    };
  });
}

/** Those of the packages that `apt-cache madison` finds in an archive. */
async function archivedOf(host: Host, names: readonly string[]): Promise<Set<string>> {
  const { stdout } = await host.runner.run({ tool: 'apt-cache', args: ['madison', '--', ...names] });
  const lines = stdout.toString('utf8').split('\n');
  return new Set(lines.map(line => line.split('|')[0]?.trim() ?? ''));
}

/** Of how the machine was booted, what is not about where its root is. */
export function ownArguments(all: readonly string[]): string[] {
  return all.filter(
    word =>
      !/^(?:BOOT_IMAGE|root|rootflags|rootfstype|initrd|ro|rw|init|rdinit|resume|resume_offset)(?:=|$)/.test(
        word,
      ),
  );
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(word => word !== '');
}

async function output(host: Host, tool: string, ...args: readonly string[]): Promise<string> {
  return (await host.runner.run({ tool, args })).stdout.toString('utf8');
}
