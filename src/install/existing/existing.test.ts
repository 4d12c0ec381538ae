import { describe, expect, it } from 'vitest';
import type { HostSource } from '../../apt/index.ts';
import { adoptedFstab, placeOf } from './adopted-fstab.ts';
import { adoptSource, adoptText } from './adopted-var.ts';
import { specOfMachine } from './machine-spec.ts';
import { mountPoints } from './root-directories.ts';
import { type MachinePackage, ownArguments, type RunningMachine } from './running-machine.ts';
import { systemIds } from './to-existing-root.ts';

const SHARED = { source: 'UUID=1', type: 'ext4', options: '', paths: ['/boot', '/home', '/data'] };

describe('the fstab of a machine that is converted', () => {
  it('loses the root and files to swap to, and gains what is shared', () => {
    const text = [
      '# made by hand',
      'UUID=1 / ext4 errors=remount-ro 0 1',
      'UUID=2 /home xfs defaults 0 2',
      'UUID=4 /var ext4 defaults 0 2',
      'UUID=5 /var/log ext4 defaults 0 2',
      'UUID=3 none swap sw 0 0',
      '/swapfile none swap sw 0 0',
      '/dev/sdb1 /mnt/disk ext4 noauto 0 0',
      '',
    ].join('\n');
    const { text: adopted, dropped } = adoptedFstab(text, { ...SHARED, paths: ['/srv', '/data'] });
    expect(dropped).toEqual([
      'UUID=1 / ext4 errors=remount-ro 0 1',
      'UUID=4 /var ext4 defaults 0 2',
      '/swapfile none swap sw 0 0',
    ]);
    expect(adopted.split('\n').filter(line => line !== '' && !line.startsWith('#'))).toEqual([
      'UUID=2 /var/home xfs defaults 0 2',
      'UUID=5 /var/log ext4 defaults 0 2',
      'UUID=3 none swap sw 0 0',
      '/dev/sdb1 /var/mnt/disk ext4 noauto 0 0',
      'UUID=1 /var/srv ext4 nofail,X-mount.subdir=srv 0 0',
      'UUID=1 /data ext4 nofail,X-mount.subdir=data 0 0',
    ]);
  });

  it('of nothing has only what is shared', () => {
    expect(adoptedFstab('', { ...SHARED, options: ',subvol=/@' }).text).toContain(
      'UUID=1 /var/home ext4 nofail,subvol=/@,X-mount.subdir=home 0 0\n',
    );
    expect(adoptedFstab('', { ...SHARED, paths: [] }).text).toBe('');
  });

  it('follows the links of images only', () => {
    expect(['/home', '/home/a', '/homes', '/data'].map(placeOf)).toEqual([
      '/var/home',
      '/var/home/a',
      '/homes',
      '/data',
    ]);
  });
});

describe('the mount points that an image has to have', () => {
  it('are those that nobody can make', () => {
    const fstab =
      'a / ext4\nb /data ext4\nc /home/x ext4\nd none swap\n#e /no ext4\nf /var/lib/x ext4\ng /boot/efi vfat\n';
    expect(mountPoints(fstab, ['/boot', '/home', '/stuff', '/data'])).toEqual(['/data', '/stuff']);
  });
});

const one = (name: string, more: Partial<MachinePackage> = {}): MachinePackage => ({
  ...{ name, version: '1:2.0-1', manual: true, held: false, archived: true },
  ...more,
});

const SOURCE: HostSource = {
  ...{ types: ['deb'], uris: ['https://packages.example.org/x'], suites: ['trixie'], components: ['main'] },
  ...{ architectures: [], options: {}, origin: { file: '/etc/apt/sources.list.d/vendor x.list', line: 1 } },
  signedBy: { kind: 'file', path: '/usr/share/keyrings/x.gpg' },
};

const MACHINE: RunningMachine = {
  ...{ distribution: 'debian', suite: 'trixie', sources: [SOURCE], foreignArchitectures: ['i386'] },
  packages: [
    one('bash'),
    one('libc6', { manual: false }),
    one('hello:i386'),
    one('own', { archived: false }),
    one('kept', { held: true, manual: false }),
    one('unwanted'),
  ],
  ...{ recommends: false, hostname: 'Web1.example.org', kernelArguments: ['quiet'] },
};

const OPTIONS = {
  ...{ isOfBase: () => false, debDirectory: '/debs', directories: ['/data'] },
  ...{ kernelArguments: ['quiet', 'x="a b"'], without: ['unwanted'] },
};

describe('the spec of a machine', () => {
  it('has what somebody asked for', () => {
    const { text, repacked } = specOfMachine(MACHINE, OPTIONS);
    expect([...repacked]).toEqual([['own', '/debs/own_2.0-1.deb']]);
    expect(text).toMatch(/^# /);
    expect(text).toContain('name: web1-example-org\nbase-image: apt://trixie\n');
    expect(text).toContain(
      'layers:\n  - bash\n  - hello:i386\n  - /debs/own_2.0-1.deb\nrecommends: false\nholds:\n  - kept\n',
    );
    expect(text).toContain('name: vendor-x-1\n');
    expect(text).toContain('signed-by: /usr/share/keyrings/x.gpg');
    expect(text).toContain('- path: /data\n    directory: true\n');
  });

  it('leaves the sources of the base to it', () => {
    expect(specOfMachine(MACHINE, { ...OPTIONS, isOfBase: () => true }).text).not.toContain('repositories');
  });

  it('refuses what is not there, and sources that anybody may sign', () => {
    expect(() => specOfMachine(MACHINE, { ...OPTIONS, without: ['nothing'] })).toThrow(
      /does not have "nothing"/,
    );
    const sources = [{ ...SOURCE, signedBy: undefined }];
    expect(() => specOfMachine({ ...MACHINE, sources }, OPTIONS)).toThrow(/vendor x.list:1: .*which key/);
  });
});

describe('what is read of a machine', () => {
  it('is how it was booted, but for where', () => {
    expect(
      ownArguments([
        ...['BOOT_IMAGE=/vmlinuz', 'root=UUID=1', 'ro', 'quiet'],
        ...['dyndbg="file a +p"', 'console=ttyS0', 'rootfoo=1'],
      ]),
    ).toEqual(['quiet', 'dyndbg="file a +p"', 'console=ttyS0', 'rootfoo=1']);
  });

  it('is the numbers of accounts that packages made', () => {
    expect(
      systemIds('root:x:0:0::/:/bin/sh\nsshd:x:102:65534::/:\nanna:x:1000:1000::\n# x\nbad:x:1e2:0\n'),
    ).toEqual({ sshd: 102 });
  });

  it('is what of /var is not copied', () => {
    const lines = adoptText('/var/lib/apt-layer').split('\n');
    expect(lines).toContain('./lib/apt-layer');
    expect(lines).toContain('./lib/dpkg');
    expect(lines.every(line => line === '' || line.startsWith('./'))).toBe(true);
    // A sysroot elsewhere is not in it.
    expect(adoptText('/apt-layer').split('\n')).toEqual(lines.filter(line => line !== './lib/apt-layer'));
  });

  it('is where /var is, when it is on a partition of its own', () => {
    const mounted = { directory: '/var', type: 'btrfs', uuid: '0123-4567', partuuid: undefined };
    expect(adoptSource({ ...mounted, root: '/' })).toBe('UUID=0123-4567 btrfs ro\n');
    expect(adoptSource({ ...mounted, root: '/@var' })).toBe('UUID=0123-4567 btrfs ro,subvol=/@var\n');
  });
});
