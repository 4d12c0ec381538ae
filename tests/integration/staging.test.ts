import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  applySwitch,
  cleanup,
  finalize,
  listDeployments,
  planRollback,
  planUnstage,
  readDeployments,
  readEtcDrift,
} from '../../src/deployment/index.ts';
import { type BootedMachine, bootedMachine } from '../support/booted-machine.ts';
import { must } from '../support/command.ts';
import { scratchDirectory } from '../support/host.ts';
import { loopFileSystem } from '../support/loop-file-system.ts';
import { aptLayerMust } from '../support/program.ts';

const status = (...packages: string[]) =>
  packages
    .map(one => one.split('='))
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version}\n`,
    )
    .join('\n');
const STATUS = 'usr/lib/sysimage/dpkg/status';
const OLD = {
  'etc/app.conf': 'a=1\n',
  'etc/gone': 'x\n',
  'etc/mine': 'default\n',
  [STATUS]: status('same=1', 'newer=1', 'dropped=1'),
};
const NEW = {
  'etc/app.conf': 'a=2\n',
  'etc/added': 'new\n',
  'etc/mine': 'default\n',
  'var/lib/more': 'more',
  [STATUS]: status('same=1', 'newer=2', 'fresh=1'),
};

function readAt(path: string, position: number, length: number): string {
  const fd = fs.openSync(path, 'r');
  const bytes = Buffer.alloc(length);
  fs.readSync(fd, bytes, 0, length, position);
  fs.closeSync(fd);
  return bytes.toString('latin1');
}

/** A machine with a change that waits for the shutdown. */
async function staged(scratch: {
  readonly path: string;
}): Promise<{ machine: BootedMachine; old: string; fresh: string }> {
  const machine = bootedMachine(scratch.path);
  const old = await machine.deploy(OLD);
  machine.boot(old);
  fs.writeFileSync(machine.etc(old, 'mine'), 'changed\n');
  const fresh = await machine.deploy(NEW);
  return { machine, old, fresh };
}

describe('a change on a booted machine', () => {
  it('is staged, without /etc, and is first in the list', async () => {
    using scratch = scratchDirectory();
    const { machine, old, fresh } = await staged(scratch);
    const [first, second] = listDeployments(machine);
    expect(first).toMatchObject({ id: fresh, staged: true, finalized: false, booted: false });
    expect(second).toMatchObject({ id: old, staged: false, finalized: true, booted: true });
    expect(fs.existsSync(machine.etc(fresh, ''))).toBe(false);
    expect(fs.readFileSync(`${machine.sysroot}/state/boot.json`, 'utf8')).not.toContain(fresh);
    expect(fs.readFileSync(`${machine.run}/../reboot-required.pkgs`, 'utf8')).toBe('dropped\nfresh\nnewer\n');
  });

  it('gets the merged /etc and what /var lacks when it is finalized, late edits too', async () => {
    using scratch = scratchDirectory();
    const { machine, old, fresh } = await staged(scratch);
    fs.writeFileSync(machine.etc(old, 'late'), 'late\n');
    const done = await machine.in(transaction => finalize(transaction, { keep: false }));
    expect(done.deployment).toBe(fresh);
    const read = (name: string) => fs.readFileSync(machine.etc(fresh, name), 'utf8');
    expect([read('app.conf'), read('mine'), read('added'), read('late')]).toStrictEqual([
      'a=2\n',
      'changed\n',
      'new\n',
      'late\n',
    ]);
    expect(fs.existsSync(machine.etc(fresh, 'gone'))).toBe(false);
    expect(fs.existsSync(`${machine.sysroot}/state/os/web/var/lib/more`)).toBe(true);
    expect(machine.ids()).toStrictEqual([fresh, old]);
    expect(listDeployments(machine)[0]).toMatchObject({ staged: false });
  });

  it('brings files of any size, with their holes, and compares them with the image', async () => {
    using scratch = scratchDirectory();
    const machine = bootedMachine(scratch.path);
    const data = 'data\n'.repeat(20_000);
    const old = await machine.deploy({ ...OLD, 'etc/data': data, 'etc/other': data });
    machine.boot(old);
    const huge = machine.etc(old, 'huge');
    fs.writeFileSync(huge, 'begin');
    fs.truncateSync(huge, 5 * 2 ** 30);
    const fd = fs.openSync(huge, 'r+');
    fs.writeSync(fd, 'middle', 3 * 2 ** 30);
    fs.closeSync(fd);
    fs.writeFileSync(machine.etc(old, 'other'), `DATA${data.slice(4)}`);
    const [booted] = listDeployments(machine);
    expect(booted === undefined ? [] : readEtcDrift(machine, booted).changes).toStrictEqual([
      { path: '/huge', change: 'added', what: [] },
      { path: '/other', change: 'changed', what: ['content'] },
    ]);
    const fresh = await machine.deploy({ ...NEW, 'etc/data': `${data}new\n`, 'etc/other': data });
    await machine.in(transaction => finalize(transaction, { keep: false }));
    const copy = machine.etc(fresh, 'huge');
    const { size, blocks } = fs.statSync(copy);
    expect(size).toBe(5 * 2 ** 30);
    expect(blocks * 512).toBeLessThan(2 ** 20);
    expect([readAt(copy, 0, 5), readAt(copy, 3 * 2 ** 30, 6), readAt(copy, 2 ** 30, 1)]).toStrictEqual([
      'begin',
      'middle',
      '\0',
    ]);
    expect(fs.readFileSync(machine.etc(fresh, 'data'), 'utf8')).toBe(`${data}new\n`);
    expect(fs.readFileSync(machine.etc(fresh, 'other'), 'utf8').slice(0, 6)).toBe('DATA\nd');
  });

  it('that was finalized at boot stays staged, and is merged again', async () => {
    using scratch = scratchDirectory();
    const { machine, old, fresh } = await staged(scratch);
    await machine.in(transaction => finalize(transaction, { keep: true }));
    expect(listDeployments(machine)[0]).toMatchObject({
      staged: true,
      finalized: true,
    });
    fs.writeFileSync(machine.etc(old, 'mine'), 'changed again\n');
    await machine.in(transaction => finalize(transaction, { keep: false }));
    expect(fs.readFileSync(machine.etc(fresh, 'mine'), 'utf8')).toBe('changed again\n');
    expect(fs.readdirSync(`${machine.sysroot}/state/deploy`).sort()).toStrictEqual([fresh, old].sort());
  });

  it('replaces the one that was staged before', async () => {
    using scratch = scratchDirectory();
    const { machine, old, fresh } = await staged(scratch);
    const newer = await machine.deploy({ ...NEW, 'etc/more': 'x' });
    expect(machine.ids()).toStrictEqual([newer, old]);
    expect(fs.existsSync(`${machine.sysroot}/state/deploy/${fresh}`)).toBe(false);
  });

  it.each([
    ['rollback', planRollback],
    ['unstage', planUnstage],
  ] as const)('goes with %s', async (__, plan) => {
    using scratch = scratchDirectory();
    const { machine, old } = await staged(scratch);
    await machine.in(transaction => applySwitch(transaction, plan(transaction)));
    expect(machine.ids()).toStrictEqual([old]);
    expect(fs.existsSync(`${machine.run}/../reboot-required`)).toBe(false);
    expect(readDeployments(machine).damaged).toStrictEqual([]);
  });

  it('that is replaced goes although somebody made it immutable, and what cannot go is a warning', async () => {
    await using disk = await loopFileSystem('ext4', 32 * 2 ** 20);
    const { machine, fresh } = await staged(disk);
    const path = `${machine.sysroot}/state/deploy/${fresh}`;
    await must('chattr', ['+i', path, `${path}/deployment.json`]);
    await machine.deploy({ ...NEW, 'etc/third': '3' });
    expect(fs.existsSync(path)).toBe(false);
    expect(fs.readdirSync(path.replace(/[^/]*$/, '')).filter(name => name.startsWith('.tmp-'))).toEqual([]);

    const [second] = machine.ids();
    const point = `${machine.sysroot}/state/deploy/${second}`;
    await must('mount', ['--bind', point, point]);
    try {
      const fourth = await machine.deploy({ ...NEW, 'etc/fourth': '4' });
      expect(fs.existsSync(point)).toBe(true);
      expect(listDeployments(machine)[0]).toMatchObject({ id: fourth, staged: true });
    } finally {
      await must('umount', [point]);
    }
  });

  it('is kept by a cleanup', async () => {
    using scratch = scratchDirectory();
    const { machine, old, fresh } = await staged(scratch);
    await machine.in(transaction => cleanup(transaction, 1));
    expect(machine.ids()).toStrictEqual([fresh, old]);
  });

  it('says why it could not be finalized, and tries again', async () => {
    using scratch = scratchDirectory();
    const { machine, fresh } = await staged(scratch);
    const boot = `${machine.sysroot}/state/bootloader.json`;
    fs.writeFileSync(
      boot,
      JSON.stringify({ version: 1, loader: 'grub', boot: { path: '/boot' }, arguments: [] }),
    );
    await expect(machine.in(transaction => finalize(transaction, { keep: false }))).rejects.toThrow(/kernel/);
    expect(readDeployments(machine).stagingFailure).toMatch(/kernel/);
    fs.rmSync(boot);
    expect((await machine.in(transaction => finalize(transaction, { keep: false }))).deployment).toBe(fresh);
    expect(readDeployments(machine).stagingFailure).toBeUndefined();
  });
});

describe('a change on a sysroot that is not booted', () => {
  const readEtc = (machine: BootedMachine, id: string, name: string) =>
    fs.readFileSync(machine.etc(id, name), 'utf8');

  it("carries the /etc of the first deployment of its name, with what the image's own brings", async () => {
    using scratch = scratchDirectory();
    const machine = bootedMachine(scratch.path);
    const old = await machine.deploy(OLD);
    fs.writeFileSync(machine.etc(old, 'mine'), 'changed\n');
    fs.writeFileSync(machine.etc(old, 'fstab'), 'mine\n');
    const other = await machine.deploy(OLD, { name: 'db' });
    const fresh = await machine.deploy(NEW);
    expect(machine.ids()).toStrictEqual([fresh, other, old]);
    expect(['app.conf', 'mine', 'fstab', 'added'].map(name => readEtc(machine, fresh, name))).toStrictEqual([
      'a=2\n',
      'changed\n',
      'mine\n',
      'new\n',
    ]);
    expect(fs.existsSync(machine.etc(fresh, 'gone'))).toBe(false);
    // The first deployment of a name has what its image has.
    expect(readEtc(machine, other, 'mine')).toBe('default\n');
    expect(fs.existsSync(machine.etc(other, 'fstab'))).toBe(false);
  });

  it('takes the place of what was staged, and continues the /etc that ran', async () => {
    using scratch = scratchDirectory();
    const { machine, old, fresh } = await staged(scratch);
    fs.rmSync(`${machine.run}/booted`);
    const rescue = await machine.deploy(NEW);
    expect(machine.ids()).toStrictEqual([rescue, old]);
    expect(fs.existsSync(`${machine.sysroot}/state/deploy/${fresh}`)).toBe(false);
    expect(listDeployments(machine)[0]).toMatchObject({ staged: false, finalized: true });
    expect(readEtc(machine, rescue, 'mine')).toBe('changed\n');
  });

  it('keeps all of the /etc where the image that it came with cannot be read', async () => {
    using scratch = scratchDirectory();
    const machine = bootedMachine(scratch.path);
    const old = await machine.deploy(OLD);
    fs.writeFileSync(machine.etc(old, 'fstab'), 'mine\n');
    const image = listDeployments(machine)[0]?.image ?? '';
    fs.rmSync(fs.realpathSync(`${machine.sysroot}/composefs/images/${image}`));
    const fresh = await machine.deploy(NEW);
    expect([
      readEtc(machine, fresh, 'app.conf'),
      readEtc(machine, fresh, 'app.conf.dpkg-dist'),
    ]).toStrictEqual(['a=1\n', 'a=2\n']);
    expect([readEtc(machine, fresh, 'fstab'), readEtc(machine, fresh, 'gone')]).toStrictEqual([
      'mine\n',
      'x\n',
    ]);
  });
});

describe('the numbers of accounts', () => {
  const tables = (passwd: string, group: string) => ({ 'etc/passwd': passwd, 'etc/group': group });
  const ROOT = ['root:x:0:0::/root:/bin/sh\n', 'root:x:0:\n'] as const;
  const SSHD = ['sshd:x:995:995::/:/bin/false\n', 'sshd:x:995:\n'] as const;
  /** A machine on which an account got the number that a package's will have in the next image. */
  async function machineWithAccount(scratch: { readonly path: string }) {
    const machine = bootedMachine(scratch.path);
    const old = await machine.deploy(tables(...ROOT));
    machine.boot(old);
    fs.appendFileSync(machine.etc(old, 'passwd'), 'pcp:x:995:995::/:/bin/sh\n');
    fs.appendFileSync(machine.etc(old, 'group'), 'pcp:x:995:\n');
    fs.writeFileSync(machine.etc(old, 'subuid'), 'anna:100000:65536\n');
    return machine;
  }
  const withAccount = tables(ROOT[0] + SSHD[0], ROOT[1] + SSHD[1]);
  const read = (machine: BootedMachine, id: string) =>
    ['passwd', 'group'].map(name => fs.readFileSync(machine.etc(id, name), 'utf8'));

  it('never mean two: what the image brings gets a free one', async () => {
    using scratch = scratchDirectory();
    const machine = await machineWithAccount(scratch);
    const fresh = await machine.deploy({ ...withAccount, 'etc/subuid': 'web:100000:65536\n' });
    await machine.in(transaction => finalize(transaction, { keep: false }));
    expect(read(machine, fresh)).toStrictEqual([
      `${ROOT[0]}pcp:x:995:995::/:/bin/sh\nsshd:x:100:100::/:/bin/false\n`,
      `${ROOT[1]}pcp:x:995:\nsshd:x:100:\n`,
    ]);
    const ranges = fs.readFileSync(machine.etc(fresh, 'subuid'), 'utf8');
    expect(ranges).toBe('anna:100000:65536\nweb:165536:65536\n');
  });

  it("are refused where files of the image would be the wrong account's, unless that is accepted", async () => {
    using scratch = scratchDirectory();
    const machine = await machineWithAccount(scratch);
    const owned = { ...withAccount, 'usr/lib/sshd/key': 'k' };
    const owners = { 'usr/lib/sshd/key': [995, 0] } as const;
    const before = machine.ids();
    await expect(machine.deploy(owned, {}, owners)).rejects.toThrow(
      /user sshd .* number 995, which is pcp on this machine, and owns \/usr\/lib\/sshd\/key/,
    );
    expect(machine.ids()).toStrictEqual(before);
    const fresh = await machine.deploy(owned, { renumberAccounts: true }, owners);
    await machine.in(transaction => finalize(transaction, { keep: false }));
    expect(read(machine, fresh)[0]).toContain('sshd:x:100:100:');
  });

  it('that were taken after it was staged are looked at again', async () => {
    using scratch = scratchDirectory();
    const machine = bootedMachine(scratch.path);
    const old = await machine.deploy(tables(...ROOT));
    machine.boot(old);
    await machine.deploy({ ...withAccount, 'usr/lib/sshd/key': 'k' }, {}, { 'usr/lib/sshd/key': [995, 0] });
    fs.appendFileSync(machine.etc(old, 'passwd'), 'pcp:x:995:995::/:/bin/sh\n');
    await expect(machine.in(transaction => finalize(transaction, { keep: false }))).rejects.toThrow(/sshd/);
    expect(readDeployments(machine).stagingFailure).toMatch(/sshd.*--renumber-accounts/);
  });
});

describe('the command line on a machine that runs from the sysroot', () => {
  it('says after each verb when a change takes effect, and log shows what people did', async () => {
    using scratch = scratchDirectory();
    const machine = bootedMachine(scratch.path);
    const base = { request: 'local://test', digest: '0'.repeat(64) };
    const parts = {
      specText: 'name: web\nbase-image: local://test\n',
      lockText: `${JSON.stringify({ version: 1, base, packages: [] })}\n`,
    };
    const old = await machine.deploy(OLD, parts);
    const second = await machine.deploy(NEW, parts);
    machine.boot(old);
    const env = { ...process.env, APT_LAYER_RUN: machine.run };
    const said = async (...args: string[]) => {
      const { stderr, stdout } = await aptLayerMust(machine.sysroot, args, { env });
      return { stdout, inEffect: stderr.includes('it is in effect after a restart: `systemctl reboot`') };
    };
    expect((await said('deploy', old)).inEffect).toBe(false);
    expect((await said('deploy', second)).inEffect).toBe(true);
    expect((await said('kargs', '--append', 'quiet')).inEffect).toBe(true);
    expect((await said('kargs', '-n', '--append', 'debug')).inEffect).toBe(false);
    expect((await said('deploy', old)).inEffect).toBe(false);
    expect((await said('rollback')).inEffect).toBe(true);
    expect((await said('kargs', '--append', 'debug')).inEffect).toBe(true);

    const { stderr } = await aptLayerMust(machine.sysroot, ['finalize'], { env });
    expect(stderr).toMatch(/^Finalizing web-\S+: do not switch the machine off/m);
    const { stdout } = await said('log');
    expect(stdout).toContain('kargs --append debug');
    expect(stdout).not.toContain('finalize');
    expect((await said('log', '--all')).stdout).toContain('finalize');
  });
});
