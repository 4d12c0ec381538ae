import { afterEach, describe, expect, it } from 'vitest';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { expectWell } from './support/health.ts';
import { installedDisk } from './support/installed.ts';
import { CONFIRMED, startVm } from './support/vm.ts';

let work: TemporaryDirectory;

describe.runIf(process.env['APT_LAYER_VM'] === 'all')('a disk with GRUB', () => {
  afterEach(() => work[Symbol.asyncDispose]());

  it.each([
    ['xfs', 'ovmf', []],
    ['btrfs', 'seabios', ['btrfs-progs']],
  ] as const)(
    'and %s comes up under %s, with a change after a restart',
    async (filesystem, firmware, layers) => {
      work = temporaryDirectory(`disk-${filesystem}`);
      const install = ['--bootloader', 'grub', '--filesystem', filesystem];
      const disk = await installedDisk(work, { layers, install });
      await using vm = await startVm({ disk, firmware, variables: work.join('variables.fd') });
      await vm.ready();
      expect(await vm.must('findmnt -n -o FSTYPE /sysroot')).toBe(filesystem);
      await vm.must(CONFIRMED, 2400);
      await vm.must('apt-layer kargs --append second=boot');
      await vm.reboot();
      expect(await vm.must('cat /proc/cmdline')).toContain(' second=boot');
      await expectWell(vm);
      await vm.powerOff();
    },
  );
});
