import fs from 'node:fs';
import path from 'node:path';
import { must } from '../../support/command.ts';
import { debianSources, hostAcquireOptions } from '../../support/host-apt.ts';
import type { TemporaryDirectory } from '../../support/temporary.ts';
import { checkoutPackage } from './machine-spec.ts';

/** An ordinary Debian on a disk that has room for GRUB, which is not installed yet. */
export interface Ordinary {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

const PACKAGES = [
  ...['linux-image-cloud-amd64', 'systemd-sysv', 'dbus', 'udev', 'kmod', 'zstd', 'iproute2', 'e2fsprogs'],
  ...['grub-pc-bin', 'grub2-common', 'initramfs-tools', 'less'],
];
const LABEL = 'ordinary';
/** Starts it without GRUB. */
export const ORDINARY_ARGUMENTS = `root=LABEL=${LABEL} rw console=ttyS0`;
const FIRST_PARTITION = 2 * 2 ** 20;
const DISK_BYTES = 6 * 2 ** 30;

const VAR_LABEL = 'ordinary-var';
const VAR_BYTES = 2 * 2 ** 30;

export interface OrdinaryOptions {
  /** Has a partition of its own. */
  readonly varApart?: boolean;
}

/** Makes it with mmdebstrap, as any Debian is made, with the package of this checkout. `sources`: a file of its apt. */
export async function ordinarySystem(
  work: TemporaryDirectory,
  sources: string,
  { varApart = false }: OrdinaryOptions = {},
): Promise<Ordinary> {
  const deb = await checkoutPackage(work);
  const root = work.join('ordinary');
  const acquire = (await hostAcquireOptions()).map(option => option.replace(/^([^=]*)=(.*)$/, '$1 "$2"'));
  await must('mmdebstrap', [
    ...['--quiet', '--mode=root', '--variant=minbase', `--include=${PACKAGES.join(',')}`],
    ...acquire.map(option => `--aptopt=${option}`),
    `--customize-hook=copy-in ${deb} /tmp`,
    `--customize-hook=chroot "$1" apt-get install --yes --no-install-recommends /tmp/${path.basename(deb)} dpkg-repack`,
    `--customize-hook=rm "$1/tmp/${path.basename(deb)}"`,
    '--customize-hook=rm -f "$1/etc/resolv.conf" "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/apt/sources.list"',
    ...['trixie', root, ...(await debianSources('trixie'))],
  ]);
  const write = (name: string, text: string, mode = '0644') => {
    fs.mkdirSync(path.dirname(`${root}${name}`), { recursive: true });
    fs.writeFileSync(`${root}${name}`, text, { mode: Number.parseInt(mode, 8) });
  };
  write('/etc/apt/sources.list.d/debian.sources', sources);
  write('/etc/apt/apt.conf.d/90test', acquire.map(option => `${option};\n`).join(''));
  write('/etc/hostname', 'ordinary\n');
  const varLine = varApart ? `LABEL=${VAR_LABEL} /var ext4 defaults 0 2\n` : '';
  write('/etc/fstab', `LABEL=${LABEL} / ext4 errors=remount-ro 0 1\n${varLine}`);
  write('/etc/default/grub', 'GRUB_TIMEOUT=1\nGRUB_CMDLINE_LINUX="console=ttyS0"\nGRUB_TERMINAL=serial\n');
  await must('systemctl', ['--root', root, '--quiet', 'mask', 'apparmor.service']);
  const [kernel, initrd] = ['vmlinuz', 'initrd.img'].map(name => {
    const found = fs.readdirSync(`${root}/boot`).find(file => file.startsWith(`${name}-`));
    fs.copyFileSync(`${root}/boot/${found}`, work.join(name));
    return work.join(name);
  }) as [string, string];
  const disk = work.join('ordinary.img');
  fs.writeFileSync(disk, '');
  const diskBytes = varApart ? DISK_BYTES + VAR_BYTES : DISK_BYTES;
  fs.truncateSync(disk, diskBytes);
  const rootBytes = DISK_BYTES - 2 * FIRST_PARTITION;
  await must('sh', [
    '-c',
    `printf 'label: gpt\\nsize=1MiB,type=21686148-6449-6E6F-744E-656564454649\\nstart=${FIRST_PARTITION / 512},size=${rootBytes / 512},type=linux\\n${
      varApart ? 'type=linux\\n' : ''
    }' | sfdisk -q ${disk}`,
  ]);
  const format = (label: string, directory: string, place: { offset: number; bytes: number }) => {
    const options = [
      '-q',
      '-F',
      '-O',
      'verity',
      '-L',
      label,
      '-E',
      `offset=${place.offset}`,
      '-d',
      directory,
    ];
    return must('mkfs.ext4', [...options, disk, `${place.bytes / 1024}k`]);
  };
  if (varApart) {
    const content = work.join('ordinary-var');
    fs.renameSync(`${root}/var`, content);
    fs.mkdirSync(`${root}/var`);
    const offset = FIRST_PARTITION + rootBytes;
    await format(VAR_LABEL, content, { offset, bytes: diskBytes - offset - FIRST_PARTITION });
  }
  await format(LABEL, root, { offset: FIRST_PARTITION, bytes: rootBytes });
  return { disk, kernel, initrd };
}
