import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';
import { type ArchiveProxy, archiveProxy } from './support/archive-proxy.ts';
import { expectWell } from './support/health.ts';
import { installedDisk } from './support/installed.ts';
import { overlay } from './support/system.ts';
import { CONFIRMED, NETWORK_UP, startVm, type Vm } from './support/vm.ts';

const work = temporaryDirectory('living');
/** An earlier one than the newest of the archive. */
const OLD_KERNEL = 'linux-image-6.12.115+deb13-cloud-amd64';
const CHANGE_SECONDS = 2400;
const STEP_MS = 7_200_000;

let archive: ArchiveProxy;
let vm: Vm;

interface Status {
  readonly deployments: readonly {
    readonly id: string;
    readonly booted: boolean;
    readonly staged: boolean;
    readonly 'requested-packages': readonly string[];
  }[];
}

const status = async () => JSON.parse(await vm.must('apt-layer --json status')) as Status;
const bootedId = async () => (await status()).deployments.find(one => one.booted)?.id;

async function restart(): Promise<void> {
  await vm.reboot();
  await vm.must(NETWORK_UP);
  await expectWell(vm);
}

// One machine goes through these in turn: each restart takes more than a minute of emulation.
describe.runIf(process.env['APT_LAYER_VM'] === 'all')('a machine that GRUB starts by BIOS', () => {
  beforeAll(async () => {
    archive = await archiveProxy('trixie');
    const install = ['--bootloader', 'grub'];
    const disk = await installedDisk(work, { kernel: OLD_KERNEL, mirror: archive.mirror, install });
    vm = await startVm({
      disk: await overlay(disk, work.join('living.qcow2')),
      firmware: 'seabios',
      network: true,
    });
    await vm.ready();
    await vm.must(NETWORK_UP);
  });
  afterAll(async () => {
    await vm?.[Symbol.asyncDispose]();
    await archive?.[Symbol.asyncDispose]();
    await work[Symbol.asyncDispose]();
  });

  it(
    'layers a package, which is there after a restart, as is what changed in /etc before and meanwhile',
    async () => {
      await vm.must('echo before >/etc/mine');
      archive.seen();
      await vm.must('apt-layer layer hello', CHANGE_SECONDS);
      // Base and packages came with the installation.
      expect(archive.seen().filter(path => path.endsWith('.deb'))).toEqual([
        expect.stringContaining('/hello_'),
      ]);
      expect((await vm.run('hello')).code).not.toBe(0);
      await vm.must('echo meanwhile >>/etc/mine; cat /run/reboot-required');
      await restart();
      expect(await vm.must('hello')).toBe('Hello, world!');
      expect(await vm.must('cat /etc/mine')).toBe('before\nmeanwhile');
      expect((await status()).deployments[0]).toMatchObject({ booted: true });
    },
    STEP_MS,
  );

  it(
    'brings a package into the running system',
    async () => {
      await vm.must('apt-layer layer tree', CHANGE_SECONDS);
      expect((await vm.run('tree --version')).code).not.toBe(0);
      await vm.must('apt-layer apply-live');
      expect(await vm.must('tree --version')).toContain('tree v');
      expect((await vm.run('touch /usr/x')).stderr).toContain('Read-only file system');
    },
    STEP_MS,
  );

  it(
    'is lived on: accounts, units, own software',
    async () => {
      await vm.must('useradd --create-home anna && usermod -aG adm anna && groupadd crew');
      expect(await vm.must('su anna -c "id -Gn; cd; pwd; echo hers >file"')).toBe('anna adm\n/home/anna');
      await vm.must('mkdir /opt/vendor && echo own >/opt/vendor/file && echo own >/usr/local/bin/own');
      const run = 'systemd-run --quiet --wait --pipe -p DynamicUser=yes -p StateDirectory=dynamic';
      expect(await vm.must(`${run} sh -c 'id -un; touch /var/lib/dynamic/x; ls /var/lib/dynamic'`)).toMatch(
        /^run-.*\nx$/,
      );
      const refused = await vm.run('apt install --yes sl');
      expect(refused).toMatchObject({ code: 100, stderr: expect.stringContaining('  apt-layer layer sl\n') });
      await vm.must('apt-get update');
      const guarded = await vm.run('/usr/bin/apt-get install --yes sl');
      expect(guarded.code).not.toBe(0);
      expect(guarded.stderr + guarded.stdout).toContain('apt-layer layer PACKAGE');
      expect(await vm.must('apt-cache policy bash; dpkg-query -W hello')).toMatch(
        /Installed: 5[\s\S]*hello\t2/,
      );
    },
    STEP_MS,
  );

  it(
    'gets a new kernel by an upgrade, keeps accounts and own software, and goes back',
    async () => {
      const before = await vm.must('uname -r');
      expect(before).toContain('6.12.115');
      await vm.must(`apt-layer upgrade --install linux-image-cloud-amd64 --uninstall ${OLD_KERNEL}`, 3600);
      await restart();
      const after = await vm.must('uname -r');
      expect(after).not.toBe(before);
      expect(await vm.must('tree --version')).toContain('tree v');
      expect(await vm.must('cat /home/anna/file /opt/vendor/file /usr/local/bin/own; id -Gn anna')).toBe(
        'hers\nown\nown\nanna adm',
      );
      expect(await vm.must('getent group crew | cut -d: -f1; ls /usr/lib/modules')).toBe(`crew\n${after}`);
      const upgraded = await bootedId();
      await vm.must('apt-layer rollback');
      await restart();
      expect(await vm.must('uname -r')).toBe(before);
      expect(await bootedId()).not.toBe(upgraded);
      // For one boot only.
      await vm.must(`apt-layer bootloader once ${upgraded}`);
      await restart();
      expect(await bootedId()).toBe(upgraded);
      await restart();
      expect(await bootedId()).not.toBe(upgraded);
    },
    STEP_MS,
  );

  it(
    'restarts only its services into the next deployment',
    async () => {
      await vm.must('apt-layer layer sl', CHANGE_SECONDS);
      const boot = await vm.must('cat /proc/sys/kernel/random/boot_id');
      await vm.must('systemd-run --quiet --on-active=2 apt-layer soft-reboot');
      let found = '';
      // The agent comes back with the services; what it is told meanwhile is lost.
      for (const end = Date.now() + 1_800_000; found === '' && Date.now() < end; await sleep(1000)) {
        const answer = await vm
          .run('ls /usr/games/sl; cat /proc/sys/kernel/random/boot_id', 10)
          .catch(() => undefined);
        if (answer?.stdout.startsWith('/usr/games/sl')) found = answer.stdout.split('\n')[1] ?? '';
      }
      expect(found).toBe(boot);
    },
    STEP_MS,
  );

  it(
    'goes back by itself when a deployment ends in emergency mode',
    async () => {
      await vm.must('apt-layer kargs --append systemd.unit=emergency.target');
      await vm.reboot(6000);
      await vm.must(CONFIRMED, 2400);
      expect(await vm.must('cat /proc/cmdline')).not.toContain('emergency');
      expect((await status()).deployments).toContainEqual(
        expect.objectContaining({ bad: true, booted: false }),
      );
    },
    STEP_MS,
  );
});
