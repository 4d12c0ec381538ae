import type { InitramfsProgram } from '../../../apt/index.ts';
import { fromText } from '../../../formats/bytes/index.ts';
import { lookup, type Tree } from '../../../formats/tree/index.ts';

/** What makes the initramfs of a system, and where what decides about it is. */
export interface InitramfsMaker {
  readonly program: InitramfsProgram;
  /** The file that has it put in what mounts a deployment; the package of apt-layer brings it. */
  readonly hook: string;
  /** Its own files, read whole. Their texts say what else they look for. */
  readonly scripts: readonly string[];
  /** Where it looks for things by name: whatever else is there does not matter. */
  readonly searched: readonly string[];
  /** The file whose time is the latest in what it makes; undefined when it can be told a time. */
  readonly timeOf?: string;
}

const PROGRAM_DIRECTORIES = ['/usr/bin', '/usr/sbin'];

const MKINITRAMFS: InitramfsMaker = {
  program: 'mkinitramfs',
  hook: '/usr/share/initramfs-tools/hooks/apt-layer',
  scripts: ['/usr/share/initramfs-tools', '/etc/initramfs-tools', '/usr/sbin/mkinitramfs'],
  searched: PROGRAM_DIRECTORIES,
};

const DRACUT: InitramfsMaker = {
  program: 'dracut',
  // A module of that name; the number only orders it.
  hook: '/usr/lib/dracut/modules.d/90apt-layer/module-setup.sh',
  scripts: ['/usr/lib/dracut', '/etc/dracut.conf', '/etc/dracut.conf.d', '/usr/bin/dracut'],
  searched: [
    ...PROGRAM_DIRECTORIES,
    ...['/usr/lib/systemd', '/usr/lib/systemd/system', '/usr/lib/systemd/system-generators'],
    ...['/usr/lib/tmpfiles.d', '/usr/lib/sysusers.d', '/etc/systemd/system'],
    ...['/usr/share/dbus-1', '/usr/share/dbus-1/system.d', '/usr/share/dbus-1/session.d'],
    ...['/usr/share/dbus-1/services', '/usr/share/dbus-1/system-services'],
  ],
  // With `--reproducible`: no file that it copies is newer, and what it writes itself is as old.
  timeOf: '/usr/lib/dracut/dracut-functions.sh',
};

/**
 * What makes the initramfs of a system, as the hooks of its kernels would have it. The packages `initramfs-tools` and `dracut`,
 * which have the hooks, exclude each other; the programs come in packages of their own, which do not.
 */
export function initramfsMaker(tree: Tree): InitramfsMaker | undefined {
  const has = (path: string) => lookup(tree, fromText(path)) !== undefined;
  const hasDracut = has('/usr/bin/dracut');
  const isHooked = has('/etc/kernel/postinst.d/dracut') && !has('/usr/sbin/update-initramfs');
  if (has('/usr/sbin/mkinitramfs') && !(hasDracut && isHooked)) return MKINITRAMFS;
  return hasDracut ? DRACUT : undefined;
}
