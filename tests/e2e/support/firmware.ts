import fs from 'node:fs';

/** What starts the machine: firmware that reads the disk, or a kernel that QEMU loads by itself. */
export type Firmware =
  | 'ovmf'
  | 'seabios'
  | { readonly kernel: string; readonly initrd: string; readonly append: string };

const CODE = '/usr/share/OVMF/OVMF_CODE_4M.fd';
const VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd';

/** Arguments of QEMU. The variables of UEFI are kept in the file `variables`, which is made when it is not there. */
export function firmwareArguments(firmware: Firmware, variables: string): string[] {
  if (firmware === 'seabios') return [];
  if (firmware !== 'ovmf')
    return ['-kernel', firmware.kernel, '-initrd', firmware.initrd, '-append', firmware.append];
  if (!fs.existsSync(variables)) fs.copyFileSync(VARIABLES, variables);
  return [
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${CODE}`],
    ...['-drive', `if=pflash,format=raw,file=${variables}`],
  ];
}
