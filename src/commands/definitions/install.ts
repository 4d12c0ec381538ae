import type { CommandDefinition, OptionDefinition } from '../definition.ts';

const DEPLOYMENT: OptionDefinition = {
  name: 'deployment',
  value: 'ID',
  description: 'what to install: id, unique prefix, image digest prefix or index',
  default: '0',
};
const KARG: OptionDefinition = {
  name: 'karg',
  value: 'KEY=VALUE',
  description: "add a kernel argument after the deployment's own",
  repeatable: true,
};

/** What makes the installed system a machine of its own. */
const MACHINE: readonly OptionDefinition[] = [
  { name: 'hostname', value: 'NAME', description: 'name of the machine' },
  {
    name: 'user',
    value: 'NAME',
    description: 'the first user; made, and able to use sudo, where the image does not have it',
  },
  {
    name: 'password-file',
    value: 'FILE',
    description: 'its first line is the password of the first user, or of root',
    complete: 'file',
  },
  {
    name: 'ssh-key',
    value: 'FILE',
    description: 'public keys that may log in as the first user, or as root',
    complete: 'file',
  },
  {
    name: 'root-ssh-key',
    value: 'FILE',
    description: 'public keys that may log in as root',
    complete: 'file',
  },
  { name: 'locale', value: 'LOCALE', description: 'language of the system, such as de_DE.UTF-8' },
  {
    name: 'settings',
    value: 'FILE',
    description: 'NAME=VALUE lines with these options, without dashes, and karg; options come before it',
    complete: 'file',
  },
  { name: 'timezone', value: 'ZONE', description: 'time zone, such as Europe/Berlin' },
];

/** Verbs that put a deployment onto a disk. `install PACKAGE` is an alias of `layer`. */
export const installCommands: readonly CommandDefinition[] = [
  {
    path: ['install', 'to-disk'],
    group: 'boot',
    summary: 'make a disk that boots a deployment',
    description:
      'Partitions a disk (GPT), makes its file systems, copies the deployment to it with its spec and its lock, and ' +
      'installs a boot loader. What is installed is independent of this sysroot.\n\n' +
      'The target is a block device, or a file that becomes a disk image: with --size it is made, sparse, when it does ' +
      'not exist. A disk that is mounted or otherwise in use is refused; one that is not empty is refused without --wipe, ' +
      'which destroys everything on it.\n\n' +
      'systemd-boot starts by UEFI. With grub the same disk starts by UEFI and by BIOS. With console=ttyS0 among the ' +
      'kernel arguments GRUB also talks to that serial console.\n\n' +
      'Kernel, initramfs and, where it has one, the boot loader come from the image; an image without a kernel is refused.',
    arguments: [{ name: 'DEVICE|FILE', description: 'disk to install to', complete: 'file' }],
    options: [
      DEPLOYMENT,
      {
        name: 'bootloader',
        value: 'LOADER',
        description: 'what starts the kernel',
        choices: ['systemd-boot', 'grub'],
        default: 'systemd-boot',
      },
      {
        name: 'filesystem',
        value: 'TYPE',
        description: 'root file system; only ext4 and btrfs can protect files with fs-verity',
        choices: ['ext4', 'btrfs', 'xfs'],
        default: 'ext4',
      },
      { name: 'size', value: 'SIZE', description: 'make FILE with this size, such as 4G' },
      { name: 'wipe', description: 'overwrite whatever is there: everything on it is lost' },
      KARG,
      ...MACHINE,
    ],
    examples: [
      { command: 'install to-disk disk.img --size 8G', does: 'make a disk image for a virtual machine' },
      {
        command: 'install to-disk /dev/sdb --wipe --user anna --password-file pw --hostname web1',
        does: 'install on a disk',
      },
      {
        command: 'install to-disk disk.img --size 4G --bootloader grub --karg console=ttyS0',
        does: 'make an image that also starts by BIOS, with a serial console',
      },
    ],
    mutates: true,
    needsRoot: true,
    load: () => import('../install-to-disk.ts'),
  },
  {
    path: ['install', 'to-filesystem'],
    group: 'boot',
    summary: 'install a deployment in a file system that is mounted',
    description:
      'For disks that are divided by hand, encrypted or on RAID: makes a sysroot with the deployment, its spec and its lock ' +
      'in a new root file system that is mounted on DIRECTORY, and the boot entry that finds it.\n\n' +
      'For systemd-boot the EFI system partition is mounted on DIRECTORY/boot. For grub the entry and the configuration ' +
      "are written to DIRECTORY/boot, which may be a partition or not; GRUB's own code is put in place by grub-install " +
      'afterwards, as the result says. With none, nothing is written to boot it.',
    arguments: [
      { name: 'DIRECTORY', description: 'where the root file system is mounted', complete: 'directory' },
    ],
    options: [
      DEPLOYMENT,
      {
        name: 'bootloader',
        value: 'LOADER',
        description: 'what starts the kernel',
        choices: ['systemd-boot', 'grub', 'none'],
        default: 'systemd-boot',
      },
      KARG,
      ...MACHINE,
    ],
    examples: [
      {
        command: 'install to-filesystem /mnt --hostname web1 --ssh-key id.pub',
        does: 'with the root on /mnt and the EFI system partition on /mnt/boot',
      },
      { command: 'install to-filesystem /mnt --bootloader none', does: 'only the files' },
    ],
    mutates: true,
    needsRoot: true,
    load: () => import('../install-to-filesystem.ts'),
  },
  {
    path: ['install', 'to-existing-root'],
    group: 'boot',
    summary: 'turn this Debian machine into a deployment',
    description:
      'Makes of the packages that somebody asked for on this machine a spec, builds it as the first deployment, gives it the ' +
      "machine's /etc, and makes it what the next boot takes. Packages have the versions of the archive; those that no archive has " +
      'are packed from what is installed (dpkg-repack). What was changed in /usr by hand is not taken over.\n\n' +
      'The system that is there is not touched: it stays in the menu of the boot loader, and comes up by itself when the ' +
      'deployment does not in three attempts. /home, /srv and other directories of your own on the root file system are used by ' +
      'both. /var, /root, /opt and /usr/local are copied when the deployment boots for the first time, which takes as long as copying ' +
      'them does.\n\n' +
      'Needs GRUB as Debian sets it up, or systemd-boot; a root file system of ext4, btrfs or xfs with /var on it; and the package ' +
      'apt-layer.',
    arguments: [],
    options: [
      {
        name: 'without',
        value: 'PACKAGE',
        description: 'do not take over a package that somebody asked for',
        repeatable: true,
      },
      KARG,
      { name: 'undo', description: 'take the deployments from the boot loader again' },
      { name: 'refresh', description: 'fetch package lists even when those in the cache are recent' },
    ],
    examples: [
      { command: 'install to-existing-root --dry-run', does: 'show the spec that this machine would have' },
      { command: 'install to-existing-root', does: 'convert it; it takes effect with a restart' },
      { command: 'install to-existing-root --undo', does: 'from the old system: stay with it' },
    ],
    mutates: true,
    needsRoot: true,
    load: () => import('../install-to-existing-root.ts'),
  },
];
