import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../support/command.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { type ArchiveProxy, archiveProxy } from './support/archive-proxy.ts';
import { partition, tamper } from './support/disk.ts';
import { expectWell } from './support/health.ts';
import { installedDisk } from './support/installed.ts';
import { overlay } from './support/system.ts';
import { CONFIRMED, NETWORK_UP, startVm } from './support/vm.ts';

const work = temporaryDirectory('grub');
const ATTEMPTS = 3;
const CHANGE_SECONDS = 2400;

interface Status {
  readonly deployments: readonly { readonly id: string; readonly checksum: string }[];
}

// `power-cut` has the boot by BIOS that each run of all tests makes.
describe.runIf(process.env['APT_LAYER_VM'] === 'all')('a disk with GRUB and ext4', () => {
  let archive: ArchiveProxy;
  let installed: string;

  beforeAll(async () => {
    archive = await archiveProxy('trixie');
    const install = ['--bootloader', 'grub'];
    installed = await installedDisk(work, { mirror: archive.mirror, install });
  });
  afterAll(async () => {
    await archive?.[Symbol.asyncDispose]();
    await work[Symbol.asyncDispose]();
  });

  it('comes up under UEFI, too', async () => {
    const disk = await overlay(installed, work.join('uefi.qcow2'));
    await using vm = await startVm({ disk, firmware: 'ovmf' });
    await vm.ready();
    await vm.must('test -d /sys/firmware/efi');
    await expectWell(vm);
  });

  it('takes the other entry by itself when an image was changed on the disk, with fs-verity required', async () => {
    const disk = await overlay(installed, work.join('changed.qcow2'));
    let made: Status['deployments'];
    {
      await using vm = await startVm({ disk, firmware: 'seabios', network: true });
      await vm.ready();
      await vm.must(NETWORK_UP);
      await vm.must(CONFIRMED, 2400);
      await vm.must('apt-layer layer hello', CHANGE_SECONDS);
      made = (JSON.parse(await vm.must('apt-layer --json status')) as Status).deployments;
      await vm.must('apt-layer --wait 120 bootloader require-verity', CHANGE_SECONDS);
      await vm.powerOff();
    }
    const [changed, good] = made;
    if (changed === undefined || good === undefined) throw new Error('there is no staged deployment');
    expect(changed.checksum).not.toBe(good.checksum);
    const raw = work.join('changed.img');
    await must('qemu-img', ['convert', '-O', 'raw', disk, raw]);
    await tamper(await partition(raw, 'root'), changed.checksum);
    await using vm = await startVm({ disk: raw, firmware: 'seabios' });
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1)
      await vm.expect(/the image was changed on the disk/, 1800);
    await vm.ready();
    expect(JSON.parse(await vm.must('cat /run/apt-layer/booted'))).toMatchObject({
      deployment: good.id,
      verity: true,
    });
    await expectWell(vm);
    expect((JSON.parse(await vm.must('apt-layer --json status')) as Status).deployments).toContainEqual(
      expect.objectContaining({ id: changed.id, bad: true, booted: false }),
    );
    expect((await vm.run('hello')).code).not.toBe(0);
  });
});
