import type { SerialConsole } from './kernel-arguments.ts';

/** What GRUB's core does first: it finds the boot partition by its UUID and goes on with what is there. */
export function grubEarlyConfig(bootUuid: string): string {
  return `search.fs_uuid ${bootUuid} root\nset prefix=($root)/grub\n`;
}

/**
 * `grub/grub.cfg`, written once. Everything that changes is in `custom.cfg`, the name that Debian's own configuration
 * reads, too.
 */
export function grubConfig(serial: SerialConsole | undefined): string {
  const terminal =
    serial === undefined
      ? []
      : [
          // UEFI shows its console on serial lines by itself; both together would garble each other.
          'if [ "$grub_platform" = pc ]; then',
          `  serial --unit=${serial.unit} --speed=${serial.speed}`,
          '  terminal_input console serial',
          '  terminal_output console serial',
          'fi',
          '',
        ];
  return [
    '# Written by apt-layer when it installed this system. The entries are in custom.cfg.',
    'insmod part_gpt',
    'insmod ext2',
    'insmod all_video',
    '',
    ...terminal,
    'set timeout=3',
    'if [ -f $prefix/custom.cfg ]; then',
    '  source $prefix/custom.cfg',
    'fi',
    '',
  ].join('\n');
}
