import type { Host } from '../host/index.ts';
import { CommandFailed, type Output, type RunOptions } from '../process/index.ts';
import { explainFailure } from './explain.ts';

/** A word for skopeo that this program knows to be none of its options. */
export interface SkopeoCall {
  readonly verb: 'copy' | 'inspect' | 'login' | 'logout';
  readonly args: readonly string[];
  /** What is reached, for errors: `oci://localhost:5000/x:1`. */
  readonly where: string;
  readonly stdin?: string;
}

/** Attempts at what may be a passing trouble. skopeo waits longer before each, and as long as a busy registry asks for. */
export const RETRIES = ['--retry-times', '3'];

/**
 * Runs skopeo, the only program that talks to registries. Errors are typed by what the registry answered: NOT_FOUND, NETWORK, SIGNATURE,
 * INTEGRITY, NO_SPACE; no password is in any of them, nor in the arguments.
 */
export async function skopeo(
  host: Host,
  { verb, args, where, stdin }: SkopeoCall,
  options: RunOptions = {},
): Promise<Output> {
  const { environment } = host.registries;
  const command = { tool: 'skopeo', args: [verb, ...args], env: environment };
  try {
    return await host.runner.run(stdin === undefined ? command : { ...command, stdin }, options);
  } catch (error) {
    if (error instanceof CommandFailed) throw explainFailure(error, where);
    throw error;
  }
}
