import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { execute, type Result } from './command.ts';
import { CHECKOUT } from './places.ts';

/** Why the built program cannot be run as nobody here; undefined where it can. */
export function cannotRunAsNobody(): string | undefined {
  for (let directory = CHECKOUT; directory !== '/'; directory = path.dirname(directory))
    if ((statSync(directory).mode & 0o005) !== 0o005) return `only root can enter ${directory}`;
  accessSync('/usr/bin/setpriv', constants.X_OK);
  return undefined;
}

const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];

/** Runs a command as the user nobody. */
export function asNobody(
  tool: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  return execute('setpriv', [...NOBODY, tool, ...args], { env, timeoutMs: 120_000 });
}

/** Runs the built program as the user nobody, on the sysroot that APT_LAYER_SYSROOT names. */
export function aptLayerAsNobody(sysroot: string, args: readonly string[]): Promise<Result> {
  const program = [path.join(CHECKOUT, 'bin/apt-layer'), ...args];
  return asNobody(process.execPath, program, { APT_LAYER_SYSROOT: sysroot });
}
