import { posix } from 'node:path';
import type { HostSource } from '../../apt/index.ts';
import { specText } from '../../compose/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { RunningMachine } from './running-machine.ts';

/** What of a machine becomes its spec. */
export interface MachineSpec {
  readonly text: string;
  /** Packages that no archive has: their .debs are made from what is installed. By name, with the path in the spec. */
  readonly repacked: ReadonlyMap<string, string>;
}

export interface MachineSpecOptions {
  /** The sources that the base has by itself. */
  readonly isOfBase: (source: HostSource) => boolean;
  /** Where .debs go that are made from what is installed. */
  readonly debDirectory: string;
  readonly kernelArguments: readonly string[];
  /** Directories that the image has to have. */
  readonly directories: readonly string[];
  /** Packages that are not to be taken over. */
  readonly without: readonly string[];
}

const COMMENT = 'What this machine was when it was converted. The verbs of apt-layer edit it from now on.';
/** Names that a keyring of a distribution has, for sources that name none. */
const TRUSTED = '/etc/apt/trusted.gpg';

/** The spec that says what a machine consists of. USAGE for a package in `without` that it does not have. */
export function specOfMachine(machine: RunningMachine, options: MachineSpecOptions): MachineSpec {
  const { suite, packages, foreignArchitectures, hostname } = machine;
  const unknown = options.without.find(name => !packages.some(one => one.name === name));
  if (unknown !== undefined)
    throw new AptLayerError('USAGE', `--without: this machine does not have ${JSON.stringify(unknown)}`);
  const wanted = packages.filter(one => one.manual && !options.without.includes(one.name));
  const repacked = new Map(
    wanted
      .filter(one => !one.archived)
      .map(({ name, version }) => [name, `${options.debDirectory}/${fileName(name, version)}`] as const),
  );
  const layers = wanted.map(({ name }) => repacked.get(name) ?? name);
  const holds = packages.filter(one => one.held && one.archived).map(one => one.name);
  const repositories = machine.sources
    .filter(source => source.types.includes('deb') && !options.isOfBase(source))
    .map(repositoryOf);
  const keys = {
    name: specName(hostname),
    'base-image': `apt://${suite}`,
    ...(repositories.length === 0 ? {} : { repositories }),
    ...(foreignArchitectures.length === 0
      ? {}
      : { 'multi-arch': { enabled: true, architectures: foreignArchitectures } }),
    layers,
    ...(machine.recommends ? {} : { recommends: false }),
    ...(holds.length === 0 ? {} : { holds }),
    ...(options.directories.length === 0
      ? {}
      : { files: options.directories.map(path => ({ path, directory: true })) }),
    ...(options.kernelArguments.length === 0 ? {} : { 'kernel-arguments': options.kernelArguments }),
  };
  return { text: specText(keys, COMMENT), repacked };
}

/** As the name of a deployment may be. */
function specName(hostname: string): string {
  const name = hostname
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'debian' : name;
}

function fileName(name: string, version: string): string {
  return `${name.replace(':', '_')}_${version.replace(/^\d+:/, '')}.deb`;
}

function repositoryOf(source: HostSource, index: number): object {
  const { uris, suites, components, architectures, signedBy, origin } = source;
  const file = posix.basename(origin.file).replace(/\.(?:list|sources)$/, '');
  const key =
    signedBy?.kind === 'key' ? signedBy.armored : signedBy?.kind === 'file' ? signedBy.path : undefined;
  if (key === undefined)
    throw new AptLayerError(
      'FAILED',
      `${origin.file}:${origin.line}: the source does not say by which key it is signed`,
      { hint: `give it Signed-By with one file (see sources.list(5)) rather than a key in ${TRUSTED}.d` },
    );
  return {
    name: `${file.replace(/[^A-Za-z0-9._-]/g, '-')}-${index + 1}`,
    ...{ uris, suites, components, 'signed-by': key },
    ...(architectures.length === 0 ? {} : { architectures }),
  };
}
