import { AptLayerError } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import type { LoaderName } from './partition-plan.ts';

export type RootFileSystem = 'ext4' | 'btrfs' | 'xfs';

const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** The Debian package of each tool and file that installing may need. */
const PACKAGES: Readonly<Record<string, string>> = {
  losetup: 'mount',
  mount: 'mount',
  umount: 'mount',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  lsblk: 'util-linux',
  wipefs: 'util-linux',
  blockdev: 'util-linux',
  findmnt: 'util-linux',
  sfdisk: 'fdisk',
  'mkfs.fat': 'dosfstools',
  mcopy: 'mtools',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.btrfs': 'btrfs-progs',
  'mkfs.xfs': 'xfsprogs',
  'grub-mkimage': 'grub-common',
  openssl: 'openssl',
};

/** Where grub-mkimage finds what it puts together, by target. */
export const GRUB_DIRECTORY = '/usr/lib/grub';
const GRUB_PACKAGES = { 'i386-pc': 'grub-pc-bin', 'x86_64-efi': 'grub-efi-amd64-bin' } as const;
export type GrubTarget = keyof typeof GRUB_PACKAGES;

export interface DiskTools {
  readonly loader: LoaderName;
  readonly filesystem: RootFileSystem;
  /** A password is to be hashed. */
  readonly password: boolean;
}

/** Tools that hash a password; any of them will do. */
export const PASSWORD_TOOLS = ['openssl', 'mkpasswd'] as const;

/** Whether this host has a tool. */
export function hasTool(host: Pick<Host, 'sys'>, tool: string): boolean {
  return DIRECTORIES.some(path => host.sys.lstatIfExists(`${path}/${tool}`) !== undefined);
}

/** Says at once everything that is missing on this host for installing to a disk. HOST_UNSUPPORTED names the packages. */
export function checkDiskTools(host: Host, wanted: DiskTools): void {
  const tools = [
    'losetup',
    'mount',
    'umount',
    'nsenter',
    'unshare',
    'setpriv',
    'lsblk',
    'wipefs',
    'blockdev',
  ];
  tools.push('sfdisk', 'mkfs.fat', 'mcopy', `mkfs.${wanted.filesystem}`);
  if (wanted.loader === 'grub') tools.push('mkfs.ext4', 'grub-mkimage');
  if (wanted.password) tools.push(...passwordTool(host));
  refuseMissing([...missingTools(host, tools), ...(wanted.loader === 'grub' ? missingGrub(host) : [])]);
}

/** The same for installing to a file system that is mounted already. */
export function checkFilesystemTools(host: Host, wanted: { readonly password: boolean }): void {
  refuseMissing(missingTools(host, ['findmnt', ...(wanted.password ? passwordTool(host) : [])]));
}

function passwordTool(host: Host): string[] {
  return PASSWORD_TOOLS.some(tool => hasTool(host, tool)) ? [] : [PASSWORD_TOOLS[0]];
}

interface Missing {
  readonly what: string;
  readonly packageName: string;
}

function missingTools(host: Host, tools: readonly string[]): Missing[] {
  return [...new Set(tools)]
    .filter(tool => !hasTool(host, tool))
    .map(tool => ({ what: tool, packageName: PACKAGES[tool] ?? tool }));
}

function missingGrub(host: Host): Missing[] {
  return Object.entries(GRUB_PACKAGES)
    .filter(([target]) => host.sys.lstatIfExists(`${GRUB_DIRECTORY}/${target}/normal.mod`) === undefined)
    .map(([target, packageName]) => ({ what: `${GRUB_DIRECTORY}/${target}`, packageName }));
}

function refuseMissing(missing: readonly Missing[]): void {
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ packageName }) => packageName))];
  throw new AptLayerError(
    'HOST_UNSUPPORTED',
    `this host lacks what installing needs: ${missing.map(({ what }) => what).join(', ')}`,
    { hint: `apt-get install ${packages.join(' ')}`, details: { packages } },
  );
}
