import { AptLayerError } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import { CommandFailed, type Output, type RunOptions } from '../process/index.ts';
import { explainFailure } from './explain.ts';

/** A word for skopeo that this program knows to be none of its options. */
export interface SkopeoCall {
  readonly verb: 'copy' | 'inspect' | 'login' | 'logout';
  readonly args: readonly string[];
  /** Options of skopeo itself, such as `--policy FILE`. */
  readonly globals?: readonly string[];
  /** What is reached, for errors: `oci://localhost:5000/x:1`. */
  readonly where: string;
  readonly stdin?: string;
}

/** Attempts at what may be a passing trouble. skopeo waits longer before each, and as long as a busy registry asks for. */
export const RETRIES = ['--retry-times', '3'];

/**
 * Runs skopeo, the only program that talks to registries. Errors are typed by what the registry answered: NOT_FOUND, NETWORK, SIGNATURE,
 * INTEGRITY, NO_SPACE, and HOST_UNSUPPORTED with the version of skopeo where it cannot do it; no password is in any of them, nor in the arguments.
 */
export async function skopeo(
  host: Host,
  { verb, args, where, stdin, globals = [] }: SkopeoCall,
  options: RunOptions = {},
): Promise<Output> {
  const { environment } = host.registries;
  const command = { tool: 'skopeo', args: [...globals, verb, ...args], env: environment };
  try {
    return await host.runner.run(stdin === undefined ? command : { ...command, stdin }, options);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const explained = explainFailure(error, where);
    throw explained.code === 'HOST_UNSUPPORTED' ? await withVersion(host, explained) : explained;
  }
}

/** What one version cannot do another can. */
async function withVersion({ runner }: Host, error: AptLayerError): Promise<AptLayerError> {
  const { stdout } = await runner.run({ tool: 'skopeo', args: ['--version'] });
  const version = /\d[\w.+~-]*/.exec(stdout.toString('utf8'))?.[0] ?? 'of an unknown version';
  return new AptLayerError(error.code, error.message.replace('this skopeo', `this skopeo (${version})`), {
    hint: error.hint,
    details: { skopeo: version },
    cause: error.cause,
  });
}
