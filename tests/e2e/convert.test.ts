import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';
import { type ArchiveProxy, archiveProxy } from './support/archive-proxy.ts';
import { expectWell } from './support/health.ts';
import { ORDINARY_ARGUMENTS, type Ordinary, ordinarySystem } from './support/ordinary.ts';
import { overlay } from './support/system.ts';
import { NETWORK_UP, startVm, type Vm } from './support/vm.ts';

const work = temporaryDirectory('convert');
let archive: ArchiveProxy;

const CONVERT_SECONDS = 2400;

/** Starts it without a boot loader, and gives it GRUB. */
async function withGrub(disk: string, { kernel, initrd }: Ordinary): Promise<Vm> {
  const vm = await startVm({
    disk,
    firmware: { kernel, initrd, append: ORDINARY_ARGUMENTS },
    network: true,
  });
  await vm.ready();
  await vm.must('grub-install --target=i386-pc /dev/vda && update-grub');
  await vm.must(NETWORK_UP);
  return vm;
}

// Emulation makes minutes of what takes half a minute.
describe.runIf(process.env['APT_LAYER_VM'] === 'all')('an ordinary Debian', () => {
  beforeAll(async () => {
    archive = await archiveProxy('trixie');
  });
  afterAll(async () => {
    await archive?.[Symbol.asyncDispose]();
    await work[Symbol.asyncDispose]();
  });

  it('is converted in place, boots as a deployment with all it had, and can go back', async () => {
    const ordinary = await ordinarySystem(work, archive.sources);
    const disk = await overlay(ordinary.disk, work.join('convert.qcow2'));
    {
      await using vm = await withGrub(disk, ordinary);
      await vm.must(
        'useradd --create-home --uid 1000 anna; echo hers >/home/anna/file; mkdir -p /var/lib/mine /data /root/.ssh;' +
          'echo state >/var/lib/mine/state; echo data >/data/file; echo key >/root/.ssh/authorized_keys;' +
          'echo tool >/usr/local/bin/tool; mkdir /opt/vendor; echo vendor >/opt/vendor/file;' +
          'echo "kept by me" >/etc/motd; rm /etc/cron.daily/dpkg',
      );
      await vm.must('apt-get update');
      const planned = await vm.must('apt-layer install to-existing-root --dry-run');
      expect(planned).toContain('base-image: apt://trixie');
      expect(planned).toContain('- linux-image-cloud-amd64');
      const said = await vm.must('apt-layer install to-existing-root', CONVERT_SECONDS);
      expect(said).toContain('New deployment: ordinary-');
      expect(said).toContain('In no archive, packed from what is installed: apt-layer');
      await vm.powerOff();
    }
    await using vm = await startVm({ disk, firmware: 'seabios', network: true });
    await vm.ready();
    expect(await vm.must('findmnt -n -o FSTYPE /')).toBe('overlay');
    await expectWell(vm);
    expect(
      await vm.must(
        'cat /home/anna/file /var/lib/mine/state /data/file /root/.ssh/authorized_keys /usr/local/bin/tool /opt/vendor/file /etc/motd; ' +
          'stat -L -c "%U %a" /home/anna /root; test -e /etc/cron.daily/dpkg || echo gone; test -e /var/.apt-layer-adopt || echo adopted',
      ),
    ).toBe('hers\nstate\ndata\nkey\ntool\nvendor\nkept by me\nanna 700\nroot 700\ngone\nadopted');
    const status = JSON.parse(await vm.must('apt-layer --json status'));
    expect(status.deployments).toMatchObject([{ booted: true, osname: 'ordinary' }]);
    // Going back: the old system is untouched, and the menu is its own again.
    await vm.must("sed -i 's/set default=.*/set default=0/' /boot/grub/custom.cfg");
    await vm.reboot();
    expect(await vm.must('findmnt -n -o FSTYPE /')).toBe('ext4');
    expect(await vm.must('cat /var/lib/mine/state /home/anna/file')).toBe('state\nhers');
    await vm.must('apt-layer install to-existing-root --undo');
    expect(await vm.must('grep -c apt-layer- /boot/grub/custom.cfg || true')).toBe('0');
  });

  it('whose /var is on a partition of its own is converted, and can go back', async () => {
    const apart = temporaryDirectory('convert-var');
    await using _ = apart;
    const ordinary = await ordinarySystem(apart, archive.sources, { varApart: true });
    const disk = await overlay(ordinary.disk, apart.join('convert.qcow2'));
    {
      await using vm = await withGrub(disk, ordinary);
      await vm.must('mkdir -p /var/lib/mine; echo state >/var/lib/mine/state; findmnt /var');
      await vm.must('apt-get update');
      const refused = await vm.run('apt-layer install to-existing-root --dry-run');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('`apt-layer --sysroot /apt-layer install to-existing-root`');
      const said = await vm.must('apt-layer --sysroot /apt-layer install to-existing-root', CONVERT_SECONDS);
      expect(said).toContain('Not mounted any more: LABEL=ordinary-var /var');
      await vm.powerOff();
    }
    await using vm = await startVm({ disk, firmware: 'seabios', network: true });
    await vm.ready();
    await expectWell(vm);
    expect(await vm.must('findmnt -n -o FSTYPE /; cat /var/lib/mine/state')).toBe('overlay\nstate');
    // Nothing of the old one is mounted, or left to be copied.
    expect(await vm.must('ls -d /var/.apt-layer-adopt* /apt-layer 2>/dev/null || true')).toBe('');
    expect(await vm.must('findmnt -n -o SOURCE LABEL=ordinary-var || echo none')).toBe('none');
    await vm.must('echo new >/var/lib/mine/state');
    await vm.must("sed -i 's/set default=.*/set default=0/' /boot/grub/custom.cfg");
    await vm.reboot();
    expect(await vm.must('findmnt -n -o FSTYPE /; cat /var/lib/mine/state')).toBe('ext4\nstate');
    await vm.must('apt-layer --sysroot /apt-layer install to-existing-root --undo');
    expect(await vm.must('grep -c apt-layer- /boot/grub/custom.cfg || true')).toBe('0');
  });
});
