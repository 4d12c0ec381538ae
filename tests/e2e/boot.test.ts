import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';
import { stageBad } from './support/bad-deployment.ts';
import { expectWell, faults } from './support/health.ts';
import { installedDisk } from './support/installed.ts';
import { startVm, type Vm } from './support/vm.ts';

const PASSWORD = 'secret';
const BOOT_SECONDS = 900;

const work = temporaryDirectory('boot');
let vm: Vm;

beforeAll(async () => {
  fs.writeFileSync(work.join('password'), `${PASSWORD}\n`);
  const disk = await installedDisk(work, {
    layers: ['dosfstools', 'systemd-boot-efi'],
    // The initramfs then has no busybox.
    recommends: false,
    install: ['--password-file', work.join('password')],
  });
  vm = await startVm({ disk, firmware: 'ovmf' });
});

afterAll(async () => {
  await vm?.[Symbol.asyncDispose]();
  await work[Symbol.asyncDispose]();
});

/** What a verb with --json says on the machine. */
async function json(verb: string): Promise<Record<string, unknown>> {
  return JSON.parse(await vm.must(`apt-layer --json ${verb}`));
}

async function deployments(): Promise<Record<string, unknown>[]> {
  return (await json('status'))['deployments'] as Record<string, unknown>[];
}

// One machine goes through these in turn: a boot takes more than a minute.
describe('a machine that is installed on a disk, with systemd-boot under UEFI', () => {
  let installed: unknown;
  let changed: unknown;

  it('comes up on the deployment, with /usr read-only and /etc and /var its own', async () => {
    await vm.ready();
    const mounts = await vm.must(
      'for p in / /etc /var /sysroot /boot; do findmnt -n -o TARGET,FSTYPE,OPTIONS $p | cut -d, -f1; done',
    );
    expect(mounts.split('\n').map(line => line.split(/\s+/).join(' '))).toStrictEqual([
      '/ overlay ro',
      '/etc ext4 rw',
      '/var ext4 rw',
      '/sysroot ext4 ro',
      '/boot vfat rw',
    ]);
    expect((await vm.run('touch /usr/x')).stderr).toMatch(/Read-only file system/);
    expect(await vm.must('hostname; dpkg --audit')).toBe('vm');
    await expectWell(vm);
    const [only, ...others] = await deployments();
    expect(others).toHaveLength(0);
    expect(only).toMatchObject({ booted: true, staged: false, bad: false });
    installed = only?.['id'];
    vm.type('root\n');
    await vm.expect(/Password: /, 300);
    vm.type(`${PASSWORD}\n`);
    await vm.expect(/root@vm:~#/, 300);
  });

  it('stages a change, and comes up on it with its own changes of /etc after a restart', async () => {
    await vm.must('echo mine > /etc/mine');
    await vm.must('apt-layer kargs --append foo=bar');
    expect((await deployments())[0]).toMatchObject({ staged: true, finalized: false });
    expect(await vm.must('cat /run/reboot-required')).toMatch(/restart required/);
    await vm.must('echo late > /etc/late');
    await vm.reboot();
    expect(await vm.must('cat /proc/cmdline')).toMatch(/ foo=bar /);
    expect(await vm.must('cat /etc/mine /etc/late')).toBe('mine\nlate');
    // Installed where there may be no fs-verity; it was switched on after the first boot.
    expect(JSON.parse(await vm.must('cat /run/apt-layer/booted'))).toMatchObject({ verity: true });
    await expectWell(vm);
    const [first, second] = await deployments();
    expect(first).toMatchObject({ booted: true, staged: false });
    expect(second?.['id']).toBe(installed);
    changed = first?.['id'];
    expect((await json('bootloader status'))['entries']).toStrictEqual([
      { deployment: changed, triesLeft: null, triesDone: 0 },
      { deployment: installed, triesLeft: null, triesDone: 0 },
    ]);
    const drift = (await json('etc diff'))['changes'] as { path: string }[];
    expect(drift.map(one => one.path)).toEqual(expect.arrayContaining(['/late', '/mine']));
  });

  it('goes back by itself when a deployment does not come up, and remembers it', async () => {
    await vm.must('apt-layer kargs --append rdinit=/nowhere --append panic=2');
    const back = vm.reboot(4 * BOOT_SECONDS);
    for (let attempt = 0; attempt < 3; attempt += 1) await vm.expect(/Kernel panic/, 900);
    await back;
    await expectWell(vm, { gaveUp: true });
    const all = await deployments();
    expect(all[0]).toMatchObject({ id: changed, booted: true, bad: false });
    expect(all.filter(one => one['bad'] === true)).toHaveLength(1);
    expect((await json('bootloader status'))['entries']).toMatchObject([
      { deployment: changed },
      { deployment: installed },
    ]);
  });

  it('goes back by itself when systemd has nothing that it could start', async () => {
    await stageBad(vm, 'systemd.mask=multi-user.target');
    const back = vm.reboot(3 * BOOT_SECONDS);
    await vm.expect(/Freezing execution|Rebooting/i, BOOT_SECONDS);
    await back;
    await expectWell(vm, { gaveUp: true });
    expect((await deployments())[0]).toMatchObject({ id: changed, booted: true, bad: false });
    await vm.must('apt-layer usroverlay && touch /usr/x');
  });

  it('is not taken for well by the tests when it is not', async () => {
    await vm.must('systemd-run --quiet --unit=fails sh -c "exit 3"; sleep 2');
    await vm.must('mount --bind /usr/bin/false /usr/lib/apt-layer/in-namespace');
    await vm.must('printf "apt-layer-boot: cannot\\n" | systemd-cat -p err -t apt-layer');
    await vm.must('mkdir -p /run/tmpfiles.d; echo "f /etc/passwd/below" >/run/tmpfiles.d/wrong.conf');
    await vm.run('systemd-run --quiet --wait --collect systemd-tmpfiles --create wrong.conf');
    // As systemd writes it.
    await vm.must("printf '[\\033[0;1;31mFAILED\\033[0m] Failed to start a.service.\\n' >/dev/ttyS0");
    await vm.expect(/Failed to start a/, 60);
    expect(await faults(vm, { gaveUp: true })).toStrictEqual([
      expect.stringMatching(/^failed: fails.service/),
      expect.stringMatching(/^status does not work for root/),
      'in the journal: apt-layer-boot: cannot',
      expect.stringMatching(/^in the journal: .*\/etc\/passwd\/below/),
      'on the console: [FAILED] Failed to start a.service.',
    ]);
  });
});
