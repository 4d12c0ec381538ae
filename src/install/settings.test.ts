import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { AptLayerError } from '../errors/index.ts';
import { addUser, findAccount, withPassword } from './accounts.ts';
import { openPlace } from './etc-place.ts';
import { appendedFstab, fstabFor, mountedFstab } from './fstab.ts';
import { grubConfig } from './grub-config.ts';
import { checkKernelArguments, serialConsole } from './kernel-arguments.ts';
import { type MachineRequest, readMachineRequest } from './machine.ts';
import { parseFindmnt } from './mounted-target.ts';
import { planPartitions } from './partition-plan.ts';
import { mebibytes, parseSize } from './size.ts';
import { parseListing } from './target.ts';
import { newUuid } from './uuid.ts';

describe('parseSize', () => {
  it.each([
    ['4G', 4 * 2 ** 30],
    ['512MiB', 2 ** 29],
    ['512mb', 2 ** 29],
    ['1.5g', 1.5 * 2 ** 30],
    ['1000', 1000],
    ['2T', 2 ** 41],
  ])('%s', (text, bytes) => {
    expect(parseSize('--size', text)).toBe(bytes);
  });

  it.each(['', '0', 'G', '-1G', '4 G', '4P', '1e9', '99999999999999T', '0.0000001'])('refuses %j', text => {
    expect(() => parseSize('--size', text)).toThrow(/--size: .* is not a size/);
  });

  it('rounds up when it says what is needed', () => {
    expect(mebibytes(2 ** 20 + 1)).toBe('2 MiB');
  });
});

describe('kernel arguments', () => {
  it.each(['quiet', 'console=ttyS0,115200', 'root=UUID=1', 'x="a b"', '"x=a b"', 'dyndbg=file,+p'])(
    'takes %s',
    word => {
      expect(() => checkKernelArguments([word])).not.toThrow();
    },
  );
  it.each(['', 'a b', 'a\nb', 'x="a', 'ä', '#x', 'a"b"c'])('refuses %j', word => {
    expect(() => checkKernelArguments(['quiet', word])).toThrow(AptLayerError);
  });
  it.each([
    [['console=tty0'], undefined],
    [['console=ttyS0'], { unit: 0, speed: 115_200 }],
    [['console=tty0', 'console=ttyS1,9600n8', 'quiet'], { unit: 1, speed: 9600 }],
  ])('%j has the serial console %j', (words, expected) => {
    expect(serialConsole(words)).toEqual(expected);
  });
});

it("GRUB's configuration talks to a serial console only when there is one", () => {
  expect(grubConfig(undefined)).not.toContain('serial');
  expect(grubConfig({ unit: 1, speed: 9600 })).toContain('serial --unit=1 --speed=9600\n');
  expect(grubConfig(undefined)).toContain('source $prefix/custom.cfg');
});

describe('fstab', () => {
  const uuids = () => {
    let count = 0;
    return () => `${count++}`.repeat(8);
  };
  const plan = (loader: 'grub' | 'systemd-boot') =>
    planPartitions({
      loader,
      diskBytes: 2 ** 33,
      sectorBytes: 512,
      kernelBytes: 2 ** 20,
      rootBytes: 2 ** 20,
      newUuid: uuids(),
    });
  const lines = (text: string) => text.split('\n').filter(line => line !== '' && !line.startsWith('#'));

  it('of a new disk has the boot partitions', () => {
    expect(lines(fstabFor(plan('systemd-boot'), 'systemd-boot'))).toEqual([
      'PARTUUID=00000000 /boot vfat umask=0077,nofail 0 2',
    ]);
    expect(lines(fstabFor(plan('grub'), 'grub'))).toEqual([
      'PARTUUID=44444444 /boot ext4 nofail 0 2',
      'PARTUUID=22222222 /boot/efi vfat umask=0077,nofail 0 2',
    ]);
  });

  it('of mounted file systems has them below the root', () => {
    const mounted = { type: 'vfat', uuid: 'AB-CD', partuuid: undefined, root: '/' };
    const root = {
      directory: '/mnt',
      type: 'ext4',
      uuid: '1',
      partuuid: undefined,
      root: '/',
      efi: undefined,
    };
    expect(mountedFstab({ ...root, boot: undefined })).toBe('');
    expect(lines(mountedFstab({ ...root, boot: { ...mounted, directory: '/mnt/boot' } }))).toEqual([
      'UUID=AB-CD /boot vfat umask=0077,nofail 0 2',
    ]);
  });

  it('keeps what the image has', () => {
    expect(appendedFstab('# UNCONFIGURED FSTAB FOR BASE SYSTEM\n', 'new\n')).toBe('new\n');
    expect(appendedFstab('tmpfs /tmp tmpfs\n\n', 'new\n')).toBe('tmpfs /tmp tmpfs\nnew\n');
  });
});

describe('accounts', () => {
  const files = {
    passwd: 'root:x:0:0:root:/root:/bin/bash\nold:x:1000:1001::/home/old:/bin/sh\n',
    group: 'root:x:0:\nsudo:x:27:\nadm:x:4:syslog\ngames:x:60:\nold:x:1001:\n',
    shadow: 'root:*::0:99999:7:::\n',
    gshadow: 'sudo:*::\n',
    subuid: undefined,
    subgid: '',
  };

  it('adds a user with the next free ids to the groups of an administrator', () => {
    const made = addUser(files, 'anna');
    expect(findAccount(made.passwd, 'anna')).toEqual({
      name: 'anna',
      uid: 1001,
      gid: 1002,
      home: '/home/anna',
    });
    expect(made.passwd).toContain('\nanna:x:1001:1002:anna:/home/anna:/bin/bash\n');
    expect(made.group).toBe(
      'root:x:0:\nsudo:x:27:anna\nadm:x:4:syslog,anna\ngames:x:60:\nold:x:1001:\nanna:x:1002:\n',
    );
    expect(made.shadow).toBe('root:*::0:99999:7:::\nanna:!::0:99999:7:::\n');
    expect(made.gshadow).toBe('sudo:*::anna\nanna:!::\n');
    expect([made.subuid, made.subgid]).toEqual([undefined, 'anna:100000:65536\n']);
  });

  it('refuses the name of a group', () => {
    expect(() => addUser(files, 'games')).toThrow(/already/);
  });

  it.each(['', 'Anna', 'a:b', '-a', 'a\n', '../x', '1a'])('refuses the name %j', name => {
    expect(() => addUser(files, name)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('sets a password', () => {
    expect(withPassword('root:*::0:::\nx:!:1\n', 'root', '$6$a')).toBe('root:$6$a::0:::\nx:!:1\n');
    expect(() => withPassword('root:*:\n', 'x', '$6$a')).toThrow(/no account "x"/);
  });
});

describe('readMachineRequest', () => {
  const none: MachineRequest = {
    hostname: undefined,
    user: undefined,
    passwordFile: undefined,
    sshKeyFile: undefined,
    rootSshKeyFile: undefined,
    locale: undefined,
    timezone: undefined,
  };
  const read = (parts: Partial<MachineRequest>) => readMachineRequest(testHost(), { ...none, ...parts });

  it.each<Partial<MachineRequest>>([
    { hostname: '-x' },
    { hostname: 'a b' },
    { hostname: 'a..b' },
    { hostname: `${'a'.repeat(60)}.${'b'.repeat(60)}` },
    { locale: '../de' },
    { timezone: '../../etc/passwd' },
    { timezone: 'Europe/Berlin/x/y' },
    { user: 'Root' },
  ])('refuses %j', parts => {
    expect(() => read(parts)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('reads secrets and keys from files', () => {
    using scratch = scratchDirectory();
    const put = (name: string, text: string) => {
      fs.writeFileSync(`${scratch.path}/${name}`, text);
      return `${scratch.path}/${name}`;
    };
    const key = `ssh-ed25519 ${'A'.repeat(40)} anna@home`;
    expect(
      read({ passwordFile: put('pw', 'se cret\nmore\n'), sshKeyFile: put('key', `# mine\n${key}\r\n`) }),
    ).toMatchObject({ password: 'se cret', sshKeys: `${key}\n`, rootSshKeys: undefined });
    expect(() => read({ passwordFile: put('empty', '\n') })).toThrow(/is empty/);
    expect(() => read({ sshKeyFile: put('private', '-----BEGIN OPENSSH PRIVATE KEY-----\n') })).toThrow(
      /no public keys/,
    );
  });
});

describe('openPlace', () => {
  it('follows no link of the image', () => {
    using scratch = scratchDirectory();
    const [etc, outside] = [`${scratch.path}/etc`, `${scratch.path}/outside`];
    for (const path of [etc, outside]) fs.mkdirSync(path);
    fs.writeFileSync(`${outside}/file`, 'kept');
    fs.symlinkSync(outside, `${etc}/default`);
    fs.symlinkSync(`${outside}/file`, `${etc}/hostname`);
    const place = openPlace(testHost(), etc);
    place.write('hostname', 'web1\n');
    expect(fs.lstatSync(`${etc}/hostname`).isSymbolicLink()).toBe(false);
    expect(place.read('hostname')).toBe('web1\n');
    expect(() => place.write('default/locale', 'x')).toThrow(/not a directory/);
    expect(fs.readFileSync(`${outside}/file`, 'utf8')).toBe('kept');
    expect(fs.readdirSync(outside)).toEqual(['file']);
  });

  it('keeps owner and mode of what it replaces', () => {
    using scratch = scratchDirectory();
    fs.writeFileSync(`${scratch.path}/shadow`, 'a');
    fs.chmodSync(`${scratch.path}/shadow`, 0o640);
    openPlace(testHost(), scratch.path).write('shadow', 'b\xff');
    expect(fs.statSync(`${scratch.path}/shadow`).mode & 0o777).toBe(0o640);
    expect(fs.readFileSync(`${scratch.path}/shadow`, 'latin1')).toBe('b\xff');
  });
});

describe('parseListing', () => {
  const disk = (children: readonly unknown[], type = 'disk') => ({
    blockdevices: [{ path: '/dev/sda', type, mountpoints: [null], children }],
  });
  const part = (number: number, mountpoints: readonly unknown[], children?: readonly unknown[]) => ({
    ...{ path: `/dev/sda${number}`, type: 'part', mountpoints },
    ...(children === undefined ? {} : { children }),
  });
  const volume = (mountpoints: readonly unknown[]) => ({ path: '/dev/mapper/x', type: 'lvm', mountpoints });

  it.each<[string, unknown, readonly string[]]>([
    ['nothing', disk([part(1, [null]), part(2, [null])]), []],
    ['mounted', disk([part(1, ['/boot', '/b'])]), ['/dev/sda1 on /boot', '/dev/sda1 on /b']],
    ['swap on LVM', disk([part(1, [null], [volume(['[SWAP]'])])]), ['/dev/mapper/x on [SWAP]']],
    ['LVM that is only active', disk([part(1, [null], [volume([null])])]), ['/dev/mapper/x (lvm)']],
    ['something else', {}, []],
  ])('finds %s', (_, listing, expected) => {
    expect(parseListing(listing)).toEqual({ isPartition: false, uses: expected });
  });

  it('knows a partition', () => {
    expect(parseListing(disk([], 'part')).isPartition).toBe(true);
  });
});

it('takes the file system that is seen of those mounted on one directory', () => {
  const text =
    '{"filesystems":[{"fstype":"ext4","uuid":"1","partuuid":null},{"fstype":"xfs","uuid":"2","partuuid":"3"}]}';
  expect(parseFindmnt('/mnt', text)).toEqual({
    directory: '/mnt',
    type: 'xfs',
    uuid: '2',
    partuuid: '3',
    root: '/',
  });
});

it('makes UUIDs of version 4', () => {
  expect(newUuid({ random: count => Buffer.alloc(count, 0xff) })).toBe(
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
  );
});
