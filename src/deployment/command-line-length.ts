import { readBootloader } from '../boot/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { kernelCommandLine } from './cmdline.ts';
import type { DeploymentRecord } from './model.ts';

/** COMMAND_LINE_SIZE of x86 and arm64 without the NUL at the end: the kernel cuts off the rest without a word. */
const COMMAND_LINE_MAX = 2047;
/** What boot loaders add: `BOOT_IMAGE=PATH` of GRUB, `initrd=PATH` of systemd-boot. */
const LOADER_BYTES = 256;

/** Refuses a deployment whose kernel command line would be cut off: SPEC_INVALID says by how much it is too long. */
export function assertCommandLineFits(
  at: Sysroot,
  record: Pick<DeploymentRecord, 'id' | 'image' | 'kernelArguments'>,
): void {
  const bootloader = readBootloader(at) ?? { arguments: [], verity: false };
  const { length } = kernelCommandLine(record, bootloader).join(' ');
  const most = COMMAND_LINE_MAX - LOADER_BYTES;
  if (length <= most) return;
  throw new AptLayerError(
    'SPEC_INVALID',
    `kernel-arguments: the command line would have ${length} bytes, ${length - most} more than a kernel and its boot loader take`,
    {
      hint: 'see all of it with `apt-layer kargs`; settings of modules can be in /etc/modprobe.d, and of sysctls in /etc/sysctl.d',
      details: { bytes: length, most },
    },
  );
}
