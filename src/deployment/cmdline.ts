import type { Bootloader } from '../boot/index.ts';
import type { DeploymentRecord } from './model.ts';

/**
 * What gets a machine on by itself, so that the next entry is tried, unless an argument of the deployment's own decides it.
 *   panic=                  a kernel without an init, or an initramfs that cannot go on; long enough to read the message
 *   systemd.crash_reboot=   systemd that crashes or has nothing to start would stay frozen (since 256 also called crash_action)
 *   systemd.watchdog_sec=   systemd or a kernel that hangs, where the machine has a watchdog
 */
const RESTARTS: readonly { readonly argument: string; readonly decidedBy: readonly string[] }[] = [
  { argument: 'panic=30', decidedBy: ['panic='] },
  {
    argument: 'systemd.crash_reboot=1',
    decidedBy: ['systemd.crash_reboot', 'systemd.crash_action='],
  },
  { argument: 'systemd.watchdog_sec=60', decidedBy: ['systemd.watchdog'] },
];

/**
 * The kernel's command line for a deployment: how the sysroot is found, which image with which digest, which deployment, and
 * then the deployment's own arguments. `?` before the digest's kind: fs-verity is not required.
 */
export function kernelCommandLine(
  record: Pick<DeploymentRecord, 'id' | 'image' | 'kernelArguments'>,
  bootloader: Pick<Bootloader, 'arguments' | 'verity'>,
): string[] {
  const kind = record.image.length === 128 ? 'sha512' : 'sha256';
  const optional = bootloader.verity ? '' : '?';
  const isDecided = (beginnings: readonly string[]) =>
    record.kernelArguments.some(argument => beginnings.some(beginning => argument.startsWith(beginning)));
  return [
    ...bootloader.arguments,
    `composefs.digest=${optional}v1-${kind}-12:${record.image}`,
    `aptlayer.deployment=${record.id}`,
    ...record.kernelArguments,
    ...RESTARTS.filter(one => !isDecided(one.decidedBy)).map(one => one.argument),
  ];
}
