import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeployment, type NewDeployment, storePath } from '../../src/deployment/index.ts';
import { installToDisk, planToDisk } from '../../src/install/index.ts';
import { importDirectory, setRef, writeImageObject } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { withTransaction } from '../../src/transaction/index.ts';
import { must } from '../support/command.ts';
import { testHost } from '../support/host.ts';
import { loopFileSystem } from '../support/loop-file-system.ts';
import { abandonedIn } from '../support/mounts.ts';
import { aptLayer, aptLayerMust, startAptLayer } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const KERNEL = '6.12.1-test';
const LOCK = '{"a":1}\n';
const KEY = `ssh-ed25519 ${'A'.repeat(40)} anna\n`;
const SPEC = 'base-image: local://tiny\n# kept as it is\nkernel-arguments: [quiet]\n';

let work: TemporaryDirectory;
let sysroot: string;

/** A root as builds make them, small, with a kernel and a boot loader that are none. */
function makeRoot(root: string, kernel: boolean): void {
  const put = (name: string, text: string, mode = 0o644) => {
    fs.mkdirSync(`${root}/${name}`.replace(/\/[^/]*$/, ''), { recursive: true });
    fs.writeFileSync(`${root}/${name}`, text, { mode });
    fs.chmodSync(`${root}/${name}`, mode);
  };
  const big = (text: string, count: number) => text.repeat(Math.ceil(count / text.length));
  put('etc/passwd', 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n');
  put('etc/group', 'root:x:0:\nsudo:x:27:\nadm:x:4:\n');
  put('etc/shadow', 'root:*::0:99999:7:::\ndaemon:*::0:99999:7:::\n', 0o640);
  put('etc/gshadow', 'root:*::\nsudo:*::\n', 0o640);
  put('etc/hosts', '127.0.0.1\tlocalhost\n');
  put('etc/hostname', 'localhost\n');
  put('etc/machine-id', '');
  put('etc/fstab', '# UNCONFIGURED FSTAB FOR BASE SYSTEM\n');
  put('etc/skel/.profile', 'umask 022\n');
  put('usr/lib/os-release', 'PRETTY_NAME="Tiny 1"\nID=tiny\n');
  put('usr/share/zoneinfo/Europe/Berlin', big('zone', 2000));
  put('usr/bin/tool', big('a tool of the image', 300_000), 0o755);
  put('usr/lib/systemd/boot/efi/systemd-bootx64.efi', big('MZ not a program', 90_000));
  put('var/lib/app/state', 'seed');
  if (kernel) {
    put(`usr/lib/modules/6.9.0-old/vmlinuz`, big('an older kernel', 1_000_000));
    put(`usr/lib/modules/6.9.0-old/initrd.img`, big('an older initramfs', 1_000_000));
    put(`usr/lib/modules/${KERNEL}/vmlinuz`, big('the kernel', 3_000_000));
    put(`usr/lib/modules/${KERNEL}/initrd.img`, big('the initramfs', 5_000_000));
  }
  for (const name of ['boot', 'sysroot', 'var/home', 'var/roothome']) fs.mkdirSync(`${root}/${name}`);
  fs.symlinkSync('var/home', `${root}/home`);
  fs.symlinkSync('var/roothome', `${root}/root`);
}

/** Makes a deployment of such a root the first of a sysroot. */
async function deploy(path: string, kernel: boolean, parts: Partial<NewDeployment> = {}): Promise<void> {
  const host = testHost();
  const root = `${path}-root`;
  makeRoot(root, kernel);
  await withTransaction({ host, sysroot: path }, { verb: 'test', commandLine: 'test' }, async transaction => {
    const store = ensureStore(host, storePath(path));
    const image = writeImageObject(store, await importDirectory(store, root, { mode: 'copy' }));
    setRef(store, 'base/tiny', image);
    await createDeployment(host, store, transaction, {
      name: 'tiny',
      image,
      base: { request: 'local://tiny', digest: image },
      version: '1',
      specText: SPEC,
      lockText: LOCK,
      origin: { spec: undefined, lock: undefined },
      requestedPackages: [],
      packages: [],
      kernelArguments: ['quiet'],
      ...parts,
    });
  });
}

beforeAll(async () => {
  work = temporaryDirectory('install');
  sysroot = work.join('sysroot');
  await deploy(sysroot, true);
  fs.writeFileSync(work.join('key.pub'), KEY);
  fs.writeFileSync(work.join('access.conf'), 'password-file=password\nssh-key=key.pub\n');
  fs.writeFileSync(work.join('password'), 'secret\n');
});
afterAll(() => work?.[Symbol.asyncDispose]());

interface Result {
  readonly installed: { readonly deployment: string; readonly arguments: readonly string[] } | null;
  readonly partitions: readonly { role: string; uuid: string; partuuid: string }[];
}

interface TablePartition {
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid: string;
  readonly name: string;
}

async function partitions(disk: string): Promise<readonly TablePartition[]> {
  const text = await must('sfdisk', ['--json', disk]);
  return (JSON.parse(text) as { partitiontable: { partitions: TablePartition[] } }).partitiontable.partitions;
}

/** A partition as a file of its own: the checks need no loop device then. */
async function extract(disk: string, name: string): Promise<string> {
  const found = (await partitions(disk)).find(partition => partition.name === name);
  const file = `${disk}.${name}`;
  const range = [`skip=${found?.start}`, `count=${found?.size}`];
  await must('dd', [`if=${disk}`, `of=${file}`, 'bs=512', 'conv=sparse', 'status=none', ...range]);
  return file;
}

/** What is in an ext4 file system, by path. */
async function inExt4(file: string, path: string): Promise<string> {
  return await must('debugfs', ['-R', `cat ${path}`, file]);
}

/** Mount points of runs that have ended; other runs of this machine may be at work. */
const abandoned = () => abandonedIn('install');

/** Nothing that a run made outlives it. */
async function expectNothingLeft(): Promise<void> {
  const loops = await must('losetup', ['--noheadings', '--output', 'NAME,BACK-FILE']);
  expect(loops).not.toContain(work.path);
  expect(abandoned()).toEqual([]);
}

const toDisk = (disk: string, ...args: readonly string[]) =>
  aptLayer(sysroot, ['install', 'to-disk', disk, ...args]);

async function toDiskMust(disk: string, ...args: readonly string[]): Promise<Result> {
  const result = await aptLayerMust(sysroot, ['--json', 'install', 'to-disk', disk, ...args]);
  await expectNothingLeft();
  return result.json() as Result;
}

describe('install to-disk', () => {
  it('makes a disk that starts by UEFI with systemd-boot', async () => {
    const disk = work.join('uefi.img');
    const machine = ['--hostname', 'web1.example.org', '--user', 'anna', '--timezone', 'Europe/Berlin'];
    const access = ['--settings', work.join('access.conf')];
    const { installed, partitions: planned } = await toDiskMust(
      disk,
      ...['--size', '600M', '--karg', 'console=ttyS0', ...machine, ...access, '--locale', 'de_DE.UTF-8'],
    );
    const id = installed?.deployment ?? '';
    expect(fs.statSync(disk).size).toBe(600 * 2 ** 20);
    const table = await partitions(disk);
    expect(table.map(({ name, type }) => [name, type])).toEqual([
      ['esp', 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'],
      ['root', '0FC63DAF-8483-4772-8E79-3D69D8477DE4'],
    ]);
    expect(table.map(({ uuid }) => uuid.toLowerCase())).toEqual(planned.map(({ partuuid }) => partuuid));

    const esp = await extract(disk, 'esp');
    await must('fsck.fat', ['-n', esp]);
    const names = (await must('mdir', ['-/', '-b', '-i', esp])).split('\n');
    const entry = names.find(name => name.startsWith('::/loader/entries/'));
    expect(names).toEqual(
      expect.arrayContaining([
        '::/EFI/BOOT/BOOTX64.EFI',
        '::/EFI/systemd/systemd-bootx64.efi',
        '::/loader/loader.conf',
      ]),
    );
    const text = await must('mtype', ['-i', esp, entry ?? '']);
    const uuid = planned[1]?.uuid;
    const options = /^options +(.*)$/m.exec(text)?.[1] ?? '';
    expect(options).toMatch(
      new RegExp(
        `^root=UUID=${uuid} composefs\\.digest=\\??v1-sha256-12:[0-9a-f]{64} aptlayer\\.deployment=${id} quiet console=ttyS0 panic=30 systemd\\.crash_reboot=1 systemd\\.watchdog_sec=60$`,
      ),
    );
    expect(text).toMatch(/^title +Tiny 1/m);
    const linux = /^linux +(\S+)$/m.exec(text)?.[1] ?? '';
    expect(await must('mtype', ['-i', esp, `::${linux}`])).toMatch(/^the kernelthe kernel/);

    const root = await extract(disk, 'root');
    await must('fsck.ext4', ['-fn', root]);
    expect(await must('dumpe2fs', ['-h', root])).toMatch(/features:.* verity/);
    const state = (path: string) => inExt4(root, `/state/${path}`);
    const deployment = (path: string) => state(`deploy/${id}/${path}`);
    expect(JSON.parse(await state('bootloader.json'))).toMatchObject({
      version: 1,
      loader: 'systemd-boot',
      boot: { partuuid: planned[0]?.partuuid },
      arguments: [`root=UUID=${uuid}`],
    });
    expect(JSON.parse(await state('boot.json'))).toMatchObject({ order: [id] });
    expect(await deployment('spec.yaml')).toMatch(/# kept as it is\nkernel-arguments:[\s\S]*console=ttyS0/);
    expect(await deployment('lock.json')).toBe(LOCK);
    expect(await deployment('etc/fstab')).toContain(`PARTUUID=${planned[0]?.partuuid} /boot vfat`);
    expect(await deployment('etc/hostname')).toBe('web1.example.org\n');
    expect(await deployment('etc/hosts')).toContain('\n127.0.1.1\tweb1.example.org web1\n');
    expect(await deployment('etc/locale.conf')).toBe('LANG=de_DE.UTF-8\n');
    expect(await deployment('etc/timezone')).toBe('Europe/Berlin\n');
    expect(await deployment('etc/passwd')).toContain('\nanna:x:1000:1000:');
    expect(await deployment('etc/group')).toContain('sudo:x:27:anna\n');
    expect(await deployment('etc/shadow')).toMatch(/\nanna:\$6\$/);
    expect(await state('os/tiny/var/home/anna/.ssh/authorized_keys')).toBe(KEY);
    expect(await state('os/tiny/var/home/anna/.profile')).toBe('umask 022\n');
    const owner = await must('debugfs', ['-R', 'stat /state/os/tiny/var/home/anna/.ssh', root]);
    expect(owner).toMatch(/Mode: +0700[\s\S]*User: +1000 +Group: +1000/);
  });

  it('makes a disk that starts by UEFI and BIOS with GRUB', async () => {
    const disk = work.join('grub.img');
    const { installed, partitions: planned } = await toDiskMust(
      disk,
      ...['--size', '600M', '--bootloader', 'grub', '--karg', 'console=ttyS0', '--filesystem', 'btrfs'],
    );
    const table = await partitions(disk);
    expect(table.map(({ name }) => name)).toEqual(['bios', 'esp', 'boot', 'root']);

    const boot = await extract(disk, 'boot');
    await must('fsck.ext4', ['-fn', boot]);
    expect(await inExt4(boot, '/grub/grub.cfg')).toContain('serial --unit=0 --speed=115200');
    expect(await inExt4(boot, '/grub/custom.cfg')).toContain(installed?.deployment);
    expect(await must('debugfs', ['-R', 'ls /grub/x86_64-efi', boot])).toContain('normal.mod');

    const esp = await extract(disk, 'esp');
    await must('fsck.fat', ['-n', esp]);
    const program = await must('mtype', ['-i', esp, '::/EFI/BOOT/BOOTX64.EFI']);
    expect(program).toContain(`search.fs_uuid ${planned[2]?.uuid} root`);

    const sector = fs.readFileSync(disk).subarray(0, 512);
    const start = table[0]?.start ?? 0;
    expect(sector.readBigUInt64LE(0x5c)).toBe(BigInt(start));
    expect(sector.readUInt16LE(510)).toBe(0xaa55);
    expect(fs.readFileSync(disk).readBigUInt64LE(start * 512 + 0x1f4)).toBe(BigInt(start + 1));
    const root = await extract(disk, 'root');
    await must('btrfs', ['check', '--readonly', root]);
  });

  it('only says what it would do with --dry-run', async () => {
    const disk = work.join('dry.img');
    const { installed, partitions: planned } = await toDiskMust(
      disk,
      '-n',
      '--size',
      '2G',
      '--filesystem',
      'xfs',
    );
    expect(installed).toBeNull();
    expect(planned.map(({ role }) => role)).toEqual(['esp', 'root']);
    expect(fs.existsSync(disk)).toBe(false);
  });

  describe('refuses', () => {
    const refused = async (disk: string, args: readonly string[], expected: RegExp, code = 1) => {
      const result = await toDisk(disk, ...args);
      expect(result.stderr).toMatch(expected);
      expect(result.code).toBe(code);
      await expectNothingLeft();
    };

    it('a disk that is too small, with the numbers', async () => {
      const disk = work.join('small.img');
      await refused(disk, ['--size', '100M'], /has 100 MiB; at least \d+ MiB are needed \(esp \d+ MiB, root/);
      expect(fs.existsSync(disk)).toBe(false);
    });

    it('a file that does not exist without --size', async () => {
      await refused(work.join('none.img'), [], /does not exist[\s\S]*--size/, 2);
    });

    it('what is not empty, unless told to wipe it', async () => {
      const disk = work.join('full.img');
      fs.writeFileSync(disk, '');
      fs.truncateSync(disk, 300 * 2 ** 20);
      await must('mkfs.ext4', ['-q', disk]);
      const before = fs.readFileSync(disk).subarray(0, 4096);
      await refused(disk, [], /is not empty: it has ext4[\s\S]*--wipe/);
      await refused(disk, ['--size', '400M'], /exists already/);
      expect(fs.readFileSync(disk).subarray(0, 4096).equals(before)).toBe(true);
      await toDiskMust(disk, '--wipe');
      expect((await partitions(disk)).length).toBe(2);
    });

    it('a disk that is mounted, also with --wipe', async () => {
      await using mounted = await loopFileSystem('ext4', 300 * 2 ** 20);
      const source = (await must('findmnt', ['-n', '-o', 'SOURCE', mounted.path])).trim();
      await refused(source, ['--wipe'], new RegExp(`${source} is in use: .* on ${mounted.path}`));
    });

    it('a file that is attached to a loop device', async () => {
      const disk = work.join('attached.img');
      fs.writeFileSync(disk, '');
      fs.truncateSync(disk, 300 * 2 ** 20);
      const loop = (await must('losetup', ['--find', '--show', disk])).trim();
      try {
        const result = await toDisk(disk, '--wipe');
        expect(result.stderr).toContain(`is in use as ${loop}`);
      } finally {
        await must('losetup', ['--detach', loop]);
      }
    });

    it('an image without a kernel', async () => {
      const without = work.join('without');
      await deploy(without, false);
      const result = await aptLayer(without, ['install', 'to-disk', work.join('x.img'), '--size', '1G']);
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/has no kernel[\s\S]*layer linux-image/);
    });

    it('what makes no sense for this image', async () => {
      const disk = work.join('y.img');
      await refused(disk, ['--size', '1G', '--timezone', 'Mars/Olympus'], /no time zone "Mars\/Olympus"/);
      await refused(disk, ['--size', '1G', '--karg', 'a b'], /not a kernel argument/, 2);
      await refused(disk, ['--size', 'large'], /--size: "large" is not a size/, 2);
    });
  });

  it('takes a block device', async () => {
    const file = work.join('device.img');
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 400 * 2 ** 20);
    const loop = (await must('losetup', ['--find', '--show', file])).trim();
    try {
      await aptLayerMust(sysroot, ['install', 'to-disk', loop]);
      const again = await toDisk(loop);
      expect(again.stderr).toMatch(/is not empty: it has .*gpt/);
    } finally {
      await must('losetup', ['--detach', loop]);
    }
    await must('fsck.fat', ['-n', await extract(file, 'esp')]);
    await must('fsck.ext4', ['-fn', await extract(file, 'root')]);
  });

  it('takes a disk with large sectors, but not for GRUB', async () => {
    const file = work.join('large.img');
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 2 ** 30);
    const loop = (await must('losetup', ['--find', '--show', '--sector-size', '4096', file])).trim();
    try {
      const grub = await toDisk(loop, '--bootloader', 'grub');
      expect(grub.stderr).toContain('has sectors of 4096 bytes');
      await aptLayerMust(sysroot, ['install', 'to-disk', loop]);
      const [esp, root] = await partitions(loop);
      // FAT32 has that many clusters, and one is at least a sector.
      expect(esp?.size).toBeGreaterThan(65_525);
      const part = work.join('large.root');
      const range = [`skip=${root?.start}`, `count=${root?.size}`];
      await must('dd', [`if=${loop}`, `of=${part}`, 'bs=4096', 'conv=sparse', 'status=none', ...range]);
      await must('fsck.ext4', ['-fn', part]);
    } finally {
      await must('losetup', ['--detach', loop]);
    }
  });

  it.each(['partition', 'format', 'copy', 'boot'])(
    'leaves nothing when it is stopped in the step %s',
    async step => {
      const disk = work.join(`stopped-${step}.img`);
      await using program = startAptLayer(sysroot, ['install', 'to-disk', disk, '--size', '600M']);
      await program.waitFor(new RegExp(`"task":"${step}"`));
      program.killAlone('SIGTERM');
      expect((await program.ended).code).toBe(143);
      expect(fs.existsSync(disk)).toBe(false);
      await expectNothingLeft();
    },
  );

  it('leaves no mount and no loop device when it is killed', async () => {
    const disk = work.join('killed.img');
    await using program = startAptLayer(sysroot, ['install', 'to-disk', disk, '--size', '600M']);
    await program.waitFor(/"task":"copy"/);
    const loops = () => must('losetup', ['--noheadings', '--output', 'BACK-FILE']);
    expect(await loops()).toContain(disk);
    program.killAlone('SIGKILL');
    await program.ended;
    await expect.poll(loops).not.toContain(disk);
    // Of its mount points only the empty directories are there.
    for (const name of abandoned()) {
      for (const point of fs.readdirSync(`/run/apt-layer/${name}`))
        fs.rmdirSync(`/run/apt-layer/${name}/${point}`);
      fs.rmdirSync(`/run/apt-layer/${name}`);
    }
  });
});

describe('install to-filesystem', () => {
  const toFilesystem = (path: string, ...args: readonly string[]) =>
    aptLayer(sysroot, ['install', 'to-filesystem', path, ...args]);

  it('makes a sysroot that GRUB boots from a directory', async () => {
    await using target = await loopFileSystem('ext4', 300 * 2 ** 20);
    const uuid = (await must('findmnt', ['-n', '-o', 'UUID', target.path])).trim();
    const result = await toFilesystem(target.path, '--bootloader', 'grub', '--hostname', 'web1');
    expect(result.stderr).not.toContain('error');
    expect(result.stdout).toContain(`grub-install --boot-directory=${target.path}/boot`);
    const read = (name: string) => fs.readFileSync(`${target.path}/${name}`, 'utf8');
    expect(read('boot/grub/custom.cfg')).toMatch(new RegExp(`/boot/apt-layer/vmlinuz-.*root=UUID=${uuid}`));
    expect(JSON.parse(read('state/bootloader.json'))).toMatchObject({ boot: { path: '/boot' } });
    const status = (await aptLayerMust(target.path, ['status', '--json'])).json();
    expect(status).toMatchObject({ deployments: [{ osname: 'tiny' }] });
    await aptLayerMust(target.path, ['fsck']);
    expect((await toFilesystem(target.path)).stderr).toMatch(
      /is not empty: it has "(?:composefs|state|boot\/)/,
    );
  });

  it('makes only a sysroot when nothing is to boot it', async () => {
    await using target = await loopFileSystem('ext4', 300 * 2 ** 20);
    expect((await toFilesystem(target.path, '--bootloader', 'none')).code).toBe(0);
    expect(fs.readdirSync(target.path).sort()).toEqual(['composefs', 'lost+found', 'state']);
    expect(fs.existsSync(`${target.path}/state/bootloader.json`)).toBe(false);
  });

  it('refuses what is no file system, and systemd-boot without its partition', async () => {
    expect((await toFilesystem(work.path)).stderr).toMatch(/is not where a file system is mounted/);
    await using target = await loopFileSystem('ext4', 300 * 2 ** 20);
    expect((await toFilesystem(target.path)).stderr).toMatch(/no EFI system partition is mounted/);
    expect(fs.readdirSync(target.path)).toEqual(['lost+found']);
  });
});

describe('a deployment that requires fs-verity', () => {
  let strict: string;
  beforeAll(async () => {
    strict = work.join('strict');
    await deploy(strict, true, { verity: 'require' });
  });
  const kernelHasVerity = () => fs.existsSync('/sys/fs/ext4/features/verity');
  const request = (target: string) => ({
    sysroot: strict,
    deployment: undefined,
    kernelArguments: [],
    machine: {
      hostname: undefined,
      user: undefined,
      locale: undefined,
      timezone: undefined,
      passwordFile: undefined,
      sshKeyFile: undefined,
      rootSshKeyFile: undefined,
    },
    commandLine: 'test',
    target,
    sizeBytes: 600 * 2 ** 20,
    wipe: false,
    loader: 'systemd-boot' as const,
    filesystem: 'ext4' as const,
  });

  it('is refused where the kernel has none, before anything is changed', async context => {
    context.skip(kernelHasVerity(), 'this kernel has fs-verity');
    const disk = work.join('strict.img');
    const refused = await aptLayer(strict, ['install', 'to-disk', disk, '--size', '600M']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/fs-verity only[\s\S]*hint: .*`verity: prefer`/);
    expect(fs.existsSync(disk)).toBe(false);
    await using target = await loopFileSystem('ext4', 300 * 2 ** 20);
    const mounted = await aptLayer(strict, ['install', 'to-filesystem', target.path, '--bootloader', 'grub']);
    expect(mounted.code).toBe(4);
    expect(fs.readdirSync(target.path)).toEqual(['lost+found']);
  });

  it('is never put on a file system that has none', async () => {
    const disk = work.join('strict-xfs.img');
    const args = ['install', 'to-disk', disk, '--size', '600M', '--filesystem', 'xfs'];
    expect((await aptLayer(strict, args)).code).toBe(4);
    expect(fs.existsSync(disk)).toBe(false);
  });

  it('is taken where nothing is to boot it', async () => {
    await using target = await loopFileSystem('ext4', 300 * 2 ** 20);
    await aptLayerMust(strict, ['install', 'to-filesystem', target.path, '--bootloader', 'none']);
    const status = (await aptLayerMust(target.path, ['status', '--json'])).json();
    expect(status).toMatchObject({ deployments: [{ verity: 'require' }] });
  });

  it('is planned where the kernel has it, and tried again on the disk itself', async () => {
    const host = testHost();
    const { sys } = host;
    // A kernel that says so.
    const lstatIfExists: typeof sys.lstatIfExists = path =>
      sys.lstatIfExists(path === '/sys/fs/ext4/features/verity' ? '/sys/fs/ext4/features' : path);
    const disk = work.join('strict-planned.img');
    const plan = await planToDisk({ ...host, sys: { ...sys, lstatIfExists } }, request(disk));
    const installed = installToDisk(host, plan);
    if (kernelHasVerity()) expect(await installed).toMatchObject({ verity: true });
    else {
      await expect(installed).rejects.toMatchObject({ code: 'HOST_UNSUPPORTED' });
      expect(fs.existsSync(disk)).toBe(false);
    }
    await expectNothingLeft();
  });
});
