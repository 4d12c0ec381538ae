import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../support/command.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayerMust } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { type Machine, startMachine } from './machine.ts';

const PASSWORD = 'secret';
const BOOT_SECONDS = 400;
/** Until the units of a boot have done their work; says when one failed. */
const SETTLED =
  'while ! systemctl is-active -q apt-layer-confirm.service && ' +
  '! systemctl is-failed -q apt-layer-confirm.service apt-layer-boot.service; do sleep 2; done; ' +
  'systemctl --failed --no-legend; systemctl is-active apt-layer-boot.service apt-layer-confirm.service';

const work = temporaryDirectory('boot');
let machine: Machine;

/** A Debian with a kernel and the package of this checkout, on a disk with systemd-boot. */
beforeAll(async () => {
  const sysroot = work.join('sysroot');
  const script = path.join(CHECKOUT, 'scripts/deb.sh');
  const deb = (await must('bash', [script, '--output', work.join('deb')])).trim();
  fs.writeFileSync(
    work.join('vm.yaml'),
    `name: vm
base-image: apt://trixie
layers: [linux-image-cloud-amd64, systemd-sysv, dbus, udev, kmod, zstd, e2fsprogs, dosfstools, systemd-boot-efi, ${deb}]
initramfs: { compression: zstd }
services:
  # Twenty seconds of emulation.
  mask: [apparmor.service]
  disable: [apt-daily.timer, apt-daily-upgrade.timer, dpkg-db-backup.timer, e2scrub_all.timer, e2scrub_reap.service, fstrim.timer]
`,
  );
  await aptLayerMust(sysroot, ['compose', 'tree', work.join('vm.yaml')]);
  fs.writeFileSync(work.join('password'), `${PASSWORD}\n`);
  await aptLayerMust(sysroot, [
    ...['install', 'to-disk', work.join('disk.img'), '--size', '4G', '--karg', 'console=ttyS0'],
    ...['--hostname', 'vm', '--password-file', work.join('password')],
  ]);
  machine = startMachine({
    disk: work.join('disk.img'),
    firmware: 'uefi',
    variables: work.join('variables.fd'),
  });
}, 900_000);

afterAll(async () => {
  await machine?.kill();
  await work[Symbol.asyncDispose]();
});

/** What a verb with --json says on the machine. */
async function json(verb: string): Promise<Record<string, unknown>> {
  const { code, output } = await machine.run(`apt-layer --json ${verb}`, 300);
  expect({ code, output }).toMatchObject({ code: 0 });
  return JSON.parse(output.slice(output.indexOf('{')));
}

async function deployments(): Promise<Record<string, unknown>[]> {
  return (await json('status'))['deployments'] as Record<string, unknown>[];
}

// One machine goes through these in turn: a boot takes more than a minute.
describe('a machine that is installed on a disk, with systemd-boot under UEFI', () => {
  let installed: unknown;
  let changed: unknown;

  it(
    'comes up on the deployment, with /usr read-only and /etc and /var its own',
    async () => {
      await machine.login(PASSWORD, BOOT_SECONDS);
      const mounts = await machine.run(
        'for p in / /etc /var /sysroot /boot; do findmnt -n -o TARGET,FSTYPE,OPTIONS $p | cut -d, -f1; done',
      );
      expect(
        mounts.output
          .trim()
          .split('\n')
          .map(line => line.split(/\s+/).join(' ')),
      ).toStrictEqual(['/ overlay ro', '/etc ext4 rw', '/var ext4 rw', '/sysroot ext4 ro', '/boot vfat rw']);
      expect((await machine.run('touch /usr/x')).output).toMatch(/Read-only file system/);
      expect((await machine.run('hostname; dpkg --audit')).output.trim()).toBe('vm');
      expect((await machine.run(SETTLED, 300)).output.trim()).toBe('active\nactive');
      const [only, ...others] = await deployments();
      expect(others).toHaveLength(0);
      expect(only).toMatchObject({ booted: true, staged: false, bad: false });
      installed = only?.['id'];
    },
    BOOT_SECONDS * 3000,
  );

  it(
    'stages a change, and comes up on it with its own changes of /etc after a restart',
    async () => {
      await machine.run('echo mine > /etc/mine');
      expect((await machine.run('apt-layer kargs --append foo=bar', 300)).code).toBe(0);
      expect((await deployments())[0]).toMatchObject({ staged: true, finalized: false });
      expect((await machine.run('cat /run/reboot-required')).output).toMatch(/restart required/);
      await machine.run('echo late > /etc/late; sync');
      machine.type('systemctl reboot\n');
      await machine.login(PASSWORD, BOOT_SECONDS);
      expect((await machine.run('cat /proc/cmdline')).output).toMatch(/ foo=bar /);
      expect((await machine.run('cat /etc/mine /etc/late')).output.trim()).toBe('mine\nlate');
      expect((await machine.run(SETTLED, 300)).output.trim()).toBe('active\nactive');
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
    },
    BOOT_SECONDS * 4000,
  );

  it(
    'goes back by itself when a deployment does not come up, and remembers it',
    async () => {
      expect((await machine.run('apt-layer kargs --append rdinit=/nowhere --append panic=2', 300)).code).toBe(
        0,
      );
      machine.type('systemctl reboot\n');
      for (let attempt = 0; attempt < 3; attempt += 1) await machine.expect(/Kernel panic/, 300);
      await machine.login(PASSWORD, BOOT_SECONDS);
      expect((await machine.run(SETTLED, 300)).output.trim()).toBe('active\nactive');
      const all = await deployments();
      expect(all[0]).toMatchObject({ id: changed, booted: true, bad: false });
      expect(all.filter(one => one['bad'] === true)).toHaveLength(1);
      expect((await json('bootloader status'))['entries']).toMatchObject([
        { deployment: changed },
        { deployment: installed },
      ]);
      expect((await machine.run('apt-layer usroverlay && touch /usr/x', 300)).code).toBe(0);
    },
    BOOT_SECONDS * 5000,
  );
});
