import path from 'node:path';
import { execute, type Result } from './command.ts';
import { CHECKOUT } from './places.ts';

// Arguments: the configuration, and the command. What is mounted is for the command alone.
const SCRIPT = `set -e
mount -t tmpfs apt-layer-test /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work apt-layer-test /etc
mkdir -p /etc/apt-layer
printf %s "$0" >/etc/apt-layer/apt-layer.conf
exec "$@"`;

/** Runs the built program on a machine with this apt-layer.conf. */
export function aptLayerConfigured(
  configuration: string,
  sysroot: string,
  args: readonly string[],
): Promise<Result> {
  const program = [process.execPath, path.join(CHECKOUT, 'bin/apt-layer'), '--sysroot', sysroot, ...args];
  const [tool, ...words] = configuredCommand(configuration, program);
  return execute(tool, words);
}

/** The command that runs a command on a machine with this apt-layer.conf. */
export function configuredCommand(
  configuration: string,
  command: readonly string[],
): readonly [string, ...string[]] {
  return ['unshare', '--mount', 'sh', '-c', SCRIPT, configuration, ...command];
}
