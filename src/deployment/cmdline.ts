import type { Bootloader } from '../boot/index.ts';
import type { DeploymentRecord } from './model.ts';

/** Long enough to read the message. */
const PANIC_SECONDS = 30;

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
  const panics = record.kernelArguments.some(argument => argument.startsWith('panic='));
  return [
    ...bootloader.arguments,
    `composefs.digest=${optional}v1-${kind}-12:${record.image}`,
    `aptlayer.deployment=${record.id}`,
    ...record.kernelArguments,
    // A kernel without an init, or an initramfs that cannot go on, must not wait for somebody: the next entry is tried.
    ...(panics ? [] : [`panic=${PANIC_SECONDS}`]),
  ];
}
