import { AptLayerError } from '../errors/index.ts';
import type { EngineName, Host } from '../host/index.ts';
import type { Command } from '../process/index.ts';
import type { OpenContext } from './context.ts';

/** How a build is to go. */
export interface BuildHow {
  /**
   * Which images of FROM are fetched: those that are missing, those of which there are newer ones, none.
   */
  readonly pull: 'missing' | 'newer' | 'never';
  /** Takes nothing from earlier builds. */
  readonly fresh: boolean;
}

interface BuildCommand extends BuildHow {
  readonly engine: EngineName;
  readonly context: OpenContext;
  /** Where the engine writes the id of the image. */
  readonly idFile: string;
  readonly authFile: string | undefined;
}

/**
 * Names that mean something to the engine itself, to its libraries or to the loader of programs: a value of theirs in the environment would be taken for a
 * setting of the engine.
 */
const TAKEN =
  /^(?:PATH|HOME|USER|LANG|LC_.*|TERM|TMPDIR|LD_.*|GO[A-Z]*|GNUPG.*|NOTIFY_SOCKET|LISTEN_.*|XDG_.*|CONTAINERS?_.*|BUILDAH_.*|BUILDKIT_.*|PODMAN_.*|DOCKER_.*|STORAGE_.*|REGISTRY_.*|REGISTRIES_.*|SSL_.*|DBUS_.*|_.*|SOURCE_DATE_EPOCH|.*_proxy)$/i;

/**
 * The command that builds an image. Every word of a user's is behind a `=` or an absolute path, so that none is taken for an option. Values of arguments
 * are in the environment, where the list of processes does not show them, except for names that the engine would take for its own.
 */
export function buildCommand(host: Host, build: BuildCommand): Command {
  const { engine, context, idFile, fresh } = build;
  const values = Object.entries(context.buildArguments).sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = values.filter(([name]) => TAKEN.test(name));
  const hidden = values.filter(([name]) => !TAKEN.test(name));
  return {
    tool: engine,
    args: [
      'build',
      ...(engine === 'docker' ? dockerOptions(build) : podmanOptions(host, build)),
      ...(fresh ? ['--no-cache'] : []),
      ...[`--iidfile=${idFile}`, `--file=${context.containerfile}`],
      ...shown.map(([name, value]) => `--build-arg=${name}=${value}`),
      ...hidden.map(([name]) => `--build-arg=${name}`),
      context.context,
    ],
    env: { ...host.registries.environment, ...Object.fromEntries(hidden) },
  };
}

/** buildah and podman have the same options, and buildah keeps layers only when told to. What is newer was fetched before. */
function podmanOptions(host: Host, { pull, context, authFile }: BuildCommand): string[] {
  const epoch = host.environment['SOURCE_DATE_EPOCH'];
  return [
    ...['--layers', `--pull=${pull === 'never' ? 'never' : 'missing'}`],
    ...(context.ignore === undefined ? [] : [`--ignorefile=${context.ignore.path}`]),
    ...accessOptions(host, authFile),
    ...(epoch !== undefined && /^\d{1,12}$/.test(epoch) ? [`--timestamp=${epoch}`] : []),
  ];
}

/** How podman and buildah reach registries. */
export function accessOptions({ registries }: Host, authFile: string | undefined): string[] {
  const { tlsVerify } = registries;
  return [
    ...(tlsVerify === undefined ? [] : [`--tls-verify=${tlsVerify}`]),
    ...(authFile === undefined ? [] : [`--authfile=${authFile}`]),
  ];
}

/** docker finds the ignore file, passwords and registries without TLS by its own settings. */
function dockerOptions({ context }: BuildCommand): string[] {
  const { ignore } = context;
  if (ignore?.path.endsWith('.containerignore') === true)
    throw new AptLayerError('HOST_UNSUPPORTED', `docker does not read ${ignore.path}`, {
      hint: 'call it .dockerignore, which all engines read, or build with --engine podman',
    });
  return [];
}
