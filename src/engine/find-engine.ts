import { AptLayerError } from '../errors/index.ts';
import { ENGINES, type EngineName, type Host } from '../host/index.ts';
import { CommandFailed } from '../process/index.ts';

/** An engine that answers. */
export interface Engine {
  readonly name: EngineName;
  readonly version: string;
}

/** The same, or why there is none of that name. */
export type EngineState =
  | Engine
  | { readonly name: EngineName; readonly reason: string; readonly fix: string };

/** Each is asked for its version; docker for that of its daemon, without which the program alone can do nothing. */
const ASKING: Readonly<Record<EngineName, readonly string[]>> = {
  podman: ['--version'],
  docker: ['version', '--format', '{{.Server.Version}}'],
  buildah: ['--version'],
};
const PACKAGES: Readonly<Record<EngineName, string>> = {
  podman: 'podman',
  docker: 'docker.io',
  buildah: 'buildah',
};
const ANSWER_MS = 30_000;

/** What became of each engine, in the order in which they are preferred. */
export function engineStates(host: Host): Promise<readonly EngineState[]> {
  return Promise.all(ENGINES.map(name => stateOf(host, name)));
}

/**
 * The engine to build with: that of `--engine`, else of the configuration, else the first that answers. HOST_UNSUPPORTED says what to install.
 */
export async function findEngine(host: Host): Promise<Engine> {
  const { asked, configured } = host.engine;
  const wanted = asked ?? (await configured());
  if (wanted !== undefined) {
    const state = await stateOf(host, wanted);
    if ('version' in state) return state;
    const who = asked === undefined ? '`engine` in apt-layer.conf names it' : '--engine names it';
    throw new AptLayerError('HOST_UNSUPPORTED', `${wanted} ${state.reason}, and ${who}`, { hint: state.fix });
  }
  for (const name of ENGINES) {
    const state = await stateOf(host, name);
    if ('version' in state) return state;
  }
  throw new AptLayerError(
    'HOST_UNSUPPORTED',
    `there is no container engine: none of ${ENGINES.join(', ')} answers`,
    {
      hint: 'apt-get install podman',
    },
  );
}

async function stateOf(host: Host, name: EngineName): Promise<EngineState> {
  try {
    const { stdout } = await host.runner.run(
      { tool: name, args: ASKING[name], env: host.registries.environment },
      { timeoutMs: ANSWER_MS, maxStdoutBytes: 65_536 },
    );
    const version = /\d[\w.+~-]*/.exec(stdout.toString('utf8'))?.[0];
    if (version !== undefined) return { name, version };
    return { name, reason: 'does not say its version', fix: `apt-get install ${PACKAGES[name]}` };
  } catch (error) {
    if (error instanceof CommandFailed)
      return {
        name,
        reason:
          name === 'docker'
            ? 'is installed, but its daemon does not answer'
            : 'is installed, but does not work',
        fix:
          name === 'docker'
            ? 'start it: systemctl start docker'
            : `see what \`${name} ${ASKING[name].join(' ')}\` says`,
      };
    if (!(error instanceof AptLayerError) || error.code !== 'HOST_UNSUPPORTED') throw error;
    return { name, reason: 'is not installed', fix: `apt-get install ${PACKAGES[name]}` };
  }
}
