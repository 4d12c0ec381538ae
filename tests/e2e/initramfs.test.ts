import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../support/command.ts';
import { CHECKOUT } from '../support/places.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { tamper } from './support/disk.ts';
import { buildSystem, overlay, SYSTEM_ARGUMENTS, type System } from './support/system.ts';
import { startVm, type Vm } from './support/vm.ts';

/** All of it takes too long for each run of all tests; `npm run test:vm` has it. */
const ALL = process.env['APT_LAYER_VM'] === 'all';
const OTHER_IMAGE = '0'.repeat(64);

const work = temporaryDirectory('initramfs');
let system: System;
let disks = 0;

beforeAll(async () => {
  if (!ALL) return;
  system = await buildSystem(work, addBroken);
});

afterAll(() => work[Symbol.asyncDispose]());

/** Beside what boots, the sysroot has what must not. */
function addBroken(sysroot: string, { deployment, image }: Pick<System, 'deployment' | 'image'>): void {
  fs.mkdirSync(path.join(sysroot, 'state/deploy/unfinished'));
  fs.symlinkSync('.', path.join(sysroot, 'elsewhere'));
  const damaged = path.join(sysroot, 'damaged');
  fs.mkdirSync(path.join(damaged, 'composefs/images'), { recursive: true });
  fs.mkdirSync(path.join(damaged, 'state/deploy', deployment, 'etc'), { recursive: true });
  const bytes = fs.readFileSync(path.join(sysroot, 'composefs/images', image));
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  fs.writeFileSync(path.join(damaged, 'composefs/images', image), bytes);
}

interface BootOptions {
  readonly digest?: string;
  readonly deployment?: string;
  readonly more?: string;
  readonly disk?: string;
  readonly snapshot?: string;
}

async function boot(options: BootOptions = {}): Promise<Vm> {
  disks += 1;
  const append = [
    SYSTEM_ARGUMENTS,
    `composefs.digest=${options.digest ?? `?v1-sha256-12:${system.image}`}`,
    `aptlayer.deployment=${options.deployment ?? system.deployment}`,
    options.more ?? '',
  ].join(' ');
  const { kernel, initrd } = system;
  return startVm({
    disk: options.disk ?? (await overlay(system.disk, work.join(`disk-${disks}.qcow2`))),
    firmware: { kernel, initrd, append },
    ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
  });
}

async function refuses(options: BootOptions, message: RegExp): Promise<void> {
  await using vm = await boot({ ...options, more: `panic=1 ${options.more ?? ''}` });
  await vm.expect(message, 600);
  await vm.expect(/the deployment \S+ cannot be booted/, 60);
  await vm.expect(/choose another entry of the boot menu/, 60);
  await vm.expect(/reboot: Restarting system/, 300);
}

describe.runIf(ALL)('the initramfs', () => {
  const optional = () => `?v1-sha256-12:${system.image}`;
  const required = () => `v1-sha256-12:${system.image}`;

  it('mounts the deployment', async () => {
    await using vm = await boot({ digest: optional() });
    await vm.ready();
    const mounts = await vm.must(
      'for p in / /etc /var /sysroot; do findmnt -n -o TARGET,FSTYPE,OPTIONS $p | cut -d, -f1; done',
    );
    expect(mounts.split('\n').map(line => line.split(/\s+/).join(' '))).toStrictEqual([
      '/ overlay ro',
      '/etc ext4 rw',
      '/var ext4 rw',
      '/sysroot ext4 ro',
    ]);
    expect((await vm.run('touch /usr/x')).stderr).toMatch(/Read-only file system/);
    expect((await vm.run('touch /sysroot/x')).stderr).toMatch(/Read-only file system/);
    expect(JSON.parse(await vm.must('cat /run/apt-layer/booted'))).toStrictEqual({
      version: 1,
      deployment: system.deployment,
      image: system.image,
      verity: false,
    });
    expect(await vm.must('dpkg --audit; ls /run/apt-layer')).toBe('booted');
    await vm.powerOff();
  });

  it('finds the sysroot in a directory, and leaves the physical root read-only', async () => {
    await using vm = await boot({ more: 'aptlayer.sysroot=/elsewhere/' });
    await vm.ready();
    expect(await vm.must('findmnt -n -o OPTIONS /run/apt-layer/physical | cut -d, -f1')).toBe('ro');
    expect(await vm.must('ls -d /sysroot/composefs')).toBe('/sysroot/composefs');
  });

  it('says so and restarts: a damaged image', () =>
    refuses({ more: 'aptlayer.sysroot=/damaged' }, /the image is damaged or was changed/));

  it.each<[string, () => BootOptions, RegExp]>([
    ['a deployment without /etc', () => ({ deployment: 'unfinished' }), /it was never finalized/],
    ['no such deployment', () => ({ deployment: 'gone' }), /there is no such deployment/],
    ['no such image', () => ({ digest: `?v1-sha256-12:${OTHER_IMAGE}` }), /its image is missing/],
    ['no fs-verity', () => ({ digest: required() }), /fs-verity is not on for the image/],
    ['another kind of digest', () => ({ digest: `v9-md5:${system.image}` }), /is not understood: 'v9-md5/],
  ])('says so and restarts: %s', (_, options, message) => refuses(options(), message));

  describe('with fs-verity', () => {
    let disk: string;

    beforeAll(async () => {
      disk = await overlay(system.disk, work.join('verity.qcow2'));
      await using vm = await boot({ disk });
      await vm.ready();
      await vm.must('apt-layer --wait 120 bootloader require-verity', 2400);
      await vm.powerOff();
    });

    it('requires it, and changed bytes are an error when they are read', async () => {
      const file = '/usr/share/common-licenses/GPL-3';
      const changed = await tampered(disk, 'object.img', await objectOf(file));
      await using vm = await boot({ digest: required(), disk: changed });
      await vm.ready();
      expect(JSON.parse(await vm.must('cat /run/apt-layer/booted'))).toMatchObject({ verity: true });
      expect(await vm.must('findmnt -n -o OPTIONS /')).toMatch(/verity=require/);
      const read = await vm.run(`cat ${file} >/dev/null`);
      expect(read).toMatchObject({ code: 1, stderr: expect.stringMatching(/Input\/output error/) });
      await vm.must('cat /usr/share/common-licenses/GPL-2');
    });

    it('says so and restarts: an image that was changed on the disk', async () => {
      const changed = await tampered(disk, 'image.img', system.image);
      await refuses({ digest: required(), disk: changed }, /the image was changed on the disk/);
    });
  });
});

describe.runIf(ALL)('a machine of the tests', () => {
  it('goes on from where it was saved, and restarts', async () => {
    const disk = await overlay(system.disk, work.join('saved.qcow2'));
    {
      await using vm = await boot({ disk });
      await vm.ready();
      await vm.must('echo here > /run/mark');
      await vm.save('up');
      await vm.must('rm /run/mark');
    }
    await using vm = await boot({ disk, snapshot: 'up' });
    expect(await vm.must('cat /run/mark')).toBe('here');
    const bootId = 'cat /proc/sys/kernel/random/boot_id';
    const before = await vm.must(bootId);
    await vm.reboot();
    expect(await vm.must(bootId)).not.toBe(before);
    expect((await vm.run('cat /run/mark; exit 3')).code).toBe(3);
  });
});

/** A raw copy of a disk where one bit of an object is another. */
async function tampered(disk: string, name: string, digest: string): Promise<string> {
  const copy = work.join(name);
  await must('qemu-img', ['convert', '-O', 'raw', disk, copy]);
  await tamper(copy, digest);
  return copy;
}

/** Digest of the object that has the bytes of a file of the image. */
async function objectOf(file: string): Promise<string> {
  const image = work.join('sysroot/composefs/images', system.image);
  const dump = await must(path.join(CHECKOUT, 'bin/apt-layer'), ['image', 'dump', image]);
  const line = dump.split('\n').find(one => one.startsWith(`${file} `));
  const object = line?.split(' ')[8]?.replace('/', '');
  if (object === undefined) throw new Error(`the image has no object for ${file}`);
  return object;
}
